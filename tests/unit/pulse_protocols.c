/*
 * pulse_protocols.c - echo and feed: what pulse takes for an answer, right ones in one piece and
 * byte by byte, and each kind of wrong one.
 */
#include <stdio.h>

#include "tests/unit/dialogue.h"

/* --- echo --------------------------------------------------------------------------------------
 */

static void a_message_opens_with_its_stamp(void **state)
{
	struct script script = script_of(&pulse_echo, 8);
	struct talk talk = { 0 };
	uint8_t bytes[8];

	(void)state;
	ask(&talk);
	assert_int_equal(say(&script, &talk, SAY_REQUEST, 3, bytes), 8);
	assert_memory_equal(bytes, "\1\2\3\4\5\6\7\10", 8);
}

static void echoes_are_checked_in_any_pieces(void **state)
{
	static uint8_t bytes[3000];
	struct script script = script_of(&pulse_echo, sizeof(bytes));

	(void)state;
	for (size_t step = 1; step <= sizeof(bytes); step = step * 7 + 1) {
		struct talk talk = { 0 };

		ask(&talk);
		assert_int_equal(say(&script, &talk, SAY_REQUEST, 999, bytes), sizeof(bytes));
		assert_int_equal(hear(&script, &talk, bytes, sizeof(bytes), step, 0, NULL),
				 HEARD_ANSWER);
	}
}

static void every_wrong_byte_is_found(void **state)
{
	static uint8_t bytes[300];
	struct script script = script_of(&pulse_echo, sizeof(bytes));

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		struct talk talk = { 0 };

		ask(&talk);
		say(&script, &talk, SAY_REQUEST, sizeof(bytes), bytes);
		bytes[i] ^= 0x10;
		assert_int_equal(hear(&script, &talk, bytes, sizeof(bytes), 64, 0, NULL),
				 HEARD_WRONG);
	}
}

static void what_was_not_asked_for_is_wrong(void **state)
{
	struct script script = script_of(&pulse_echo, 8);
	struct talk talk = { 0 };
	uint8_t bytes[9];

	(void)state;
	assert_int_equal(hear(&script, &talk, "x", 1, 1, 0, NULL), HEARD_WRONG);
	ask(&talk);
	say(&script, &talk, SAY_REQUEST, 8, bytes);
	bytes[8] = 0;
	assert_int_equal(hear(&script, &talk, bytes, 9, 9, 0, NULL), HEARD_WRONG);
	ask(&talk);
	talk.sent = 3; /* the kernel has taken no more yet */
	assert_int_equal(hear(&script, &talk, bytes, 4, 4, 0, NULL), HEARD_WRONG);
}

/* --- feed --------------------------------------------------------------------------------------
 */

#define FEED "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"

static enum heard chunk(struct talk *talk, const struct script *script, const char *text,
			uint64_t now, size_t step, uint64_t *lateness)
{
	char bytes[128];
	int length = sprintf(bytes, "%zX\r\n%s\r\n", strlen(text), text);

	return hear(script, talk, bytes, (size_t)length, step, now, lateness);
}

static void begin_feed(struct talk *talk, const struct script *script, size_t step)
{
	memset(talk, 0, sizeof(*talk));
	assert_int_equal(hear(script, talk, FEED, sizeof(FEED) - 1, step, 0, NULL), HEARD_READY);
}

static void chunks_come_in_sequence(void **state)
{
	struct script script = script_of(&pulse_feed, 8);

	(void)state;
	for (size_t step = 1; step < 40; step += 6) {
		struct talk talk;

		begin_feed(&talk, &script, step);
		assert_int_equal(chunk(&talk, &script, "Welcome, 7\n", 0, step, NULL),
				 HEARD_NOTHING);
		assert_int_equal(chunk(&talk, &script, "Chunk 1 for id 7\n", 0, step, NULL),
				 HEARD_CHUNK);
		assert_int_equal(chunk(&talk, &script, "Chunk 2 for id 7", 0, step, NULL),
				 HEARD_CHUNK);
		assert_int_equal(chunk(&talk, &script, "Chunk 3 for id 7\r\n", 0, step, NULL),
				 HEARD_CHUNK);
	}
}

static void chunks_that_are_not_the_next_are_wrong(void **state)
{
	static const char *const texts[] = {
		"Chunk 1 for id 7\n", "Chunk 3 for id 7\n",
		"Chunk 2 for id 8\n", "chunk 2 for id 7\n",
		"Chunk 2 for id 7\t", "Chunk 2 for id 7\n\n",
		"Chunk 2 for id 7 ",  "\n",
	};
	struct script script = script_of(&pulse_feed, 8);

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct talk talk;

		begin_feed(&talk, &script, 99);
		chunk(&talk, &script, "Chunk 1 for id 7\n", 0, 99, NULL);
		assert_int_equal(chunk(&talk, &script, texts[i], 0, 99, NULL), HEARD_WRONG);
	}
}

/* The servers' own; others may say what they like. */
static void a_greeting_with_an_id_has_the_right_one(void **state)
{
	static const struct {
		const char *text;
		enum heard heard;
	} greetings[] = {
		{ "Hello, id 7\n", HEARD_NOTHING },	    { "Hello, id 7\r\n", HEARD_NOTHING },
		{ "Hello, id 7", HEARD_NOTHING },	    { "Hello, you\n", HEARD_NOTHING },
		{ "Hello, id 99999 GARBAGE", HEARD_WRONG }, { "Hello, id 8\n", HEARD_WRONG },
		{ "Hello, id 77\n", HEARD_WRONG },	    { "Hello, id \n", HEARD_WRONG },
	};
	struct script script = script_of(&pulse_feed, 8);

	(void)state;
	for (size_t i = 0; i < sizeof(greetings) / sizeof(greetings[0]); i++) {
		struct talk talk;

		begin_feed(&talk, &script, 99);
		assert_int_equal(chunk(&talk, &script, greetings[i].text, 0, 99, NULL),
				 greetings[i].heard);
	}
}

static void feeds_that_are_none_are_wrong(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		FEED "x\r\n",
		FEED "\r\n",
		FEED "fffff\r\n",
		FEED "1000\r\n",
		FEED "2\r\nhi!!",
		FEED "2\nhi\n",
	};
	struct script script = script_of(&pulse_feed, 8);

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		for (size_t step = 1; step < 100; step += 49) {
			struct talk talk = { 0 };

			assert_int_equal(
				hear(&script, &talk, answers[i], strlen(answers[i]), step, 0, NULL),
				HEARD_WRONG);
		}
	}
}

/* The most prompt chunk sets the clock: the second one here, 100 ms sooner than the first says. */
static void lateness_is_against_the_connections_own_clock(void **state)
{
	struct script script = script_of(&pulse_feed, 8);
	struct talk talk;
	uint64_t late = 0;

	(void)state;
	begin_feed(&talk, &script, 99);
	chunk(&talk, &script, "Chunk 0 for id 7\n", 5000 * MS, 99, &late);
	assert_true(late == UINT64_MAX);
	chunk(&talk, &script, "Chunk 1 for id 7\n", 5900 * MS, 99, &late);
	assert_int_equal(late, 0);
	chunk(&talk, &script, "Chunk 2 for id 7\n", 6930 * MS, 99, &late);
	assert_int_equal(late, 30 * MS);
	chunk(&talk, &script, "Chunk 3 for id 7\n", 9900 * MS, 99, &late);
	assert_int_equal(late, 2000 * MS);
	assert_int_equal(hear(&script, &talk, "0\r\n\r\n", 5, 5, 0, NULL), HEARD_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_opens_with_its_stamp),
		cmocka_unit_test(echoes_are_checked_in_any_pieces),
		cmocka_unit_test(every_wrong_byte_is_found),
		cmocka_unit_test(what_was_not_asked_for_is_wrong),
		cmocka_unit_test(chunks_come_in_sequence),
		cmocka_unit_test(chunks_that_are_not_the_next_are_wrong),
		cmocka_unit_test(a_greeting_with_an_id_has_the_right_one),
		cmocka_unit_test(feeds_that_are_none_are_wrong),
		cmocka_unit_test(lateness_is_against_the_connections_own_clock),
	};

	return unit_main(tests);
}
