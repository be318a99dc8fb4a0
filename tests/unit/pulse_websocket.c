/*
 * pulse_websocket.c - handshakes and frames: what pulse sends, what it takes for an answer, and
 * each kind of wrong one.
 */
#include <stdio.h>

#include "pulse/protocol/accept_key.h"
#include "pulse/protocol/payload.h"
#include "tests/unit/dialogue.h"

/* The example of RFC 6455, 1.3. */
static void the_accept_key_is_that_of_the_rfc(void **state)
{
	char key[WEBSOCKET_KEY + 1], accept[WEBSOCKET_ACCEPT + 1];

	(void)state;
	websocket_key((const uint8_t *)"the sample nonce", key);
	assert_string_equal(key, "dGhlIHNhbXBsZSBub25jZQ==");
	websocket_accept_key(key, accept);
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static size_t answer_hello(const struct script *script, const char *accept, const char *more,
			   char *head)
{
	struct talk talk = { 0 };
	char hello[512] = "", proof[WEBSOCKET_ACCEPT + 1];
	const char *key;

	say(script, &talk, SAY_HELLO, sizeof(hello), (uint8_t *)hello);
	key = strstr(hello, "Sec-WebSocket-Key: ");
	assert_non_null(key);
	websocket_accept_key(key + strlen("Sec-WebSocket-Key: "), proof);
	return (size_t)sprintf(head,
			       "HTTP/1.1 101 Go\r\nUPGRADE: WebSocket\r\n%sConnection: x , upgrade"
			       "\r\nSec-WebSocket-Accept:  %s \r\n\r\n",
			       more, accept ? accept : proof);
}

static enum heard shake_hands(struct talk *talk, const struct script *script, const char *accept,
			      const char *more, size_t step)
{
	char head[512];
	size_t length = answer_hello(script, accept, more, head);

	memset(talk, 0, sizeof(*talk));
	return hear(script, talk, head, length, step, 0, NULL);
}

static void the_handshake_is_checked(void **state)
{
	struct script script = script_of(&pulse_websocket, 8);
	struct talk talk;

	(void)state;
	assert_int_equal(shake_hands(&talk, &script, NULL, "", 1), HEARD_READY);
	assert_int_equal(shake_hands(&talk, &script, NULL, "", 1000), HEARD_READY);
	assert_int_equal(shake_hands(&talk, &script, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "", 99),
			 HEARD_WRONG);
	assert_int_equal(shake_hands(&talk, &script, NULL,
				     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", 99),
			 HEARD_WRONG);
	assert_int_equal(shake_hands(&talk, &script, NULL, "Sec-WebSocket-Extensions: x\r\n", 99),
			 HEARD_WRONG);
	memset(&talk, 0, sizeof(talk));
	assert_int_equal(hear(&script, &talk, "HTTP/1.1 200 OK\r\n\r\n", 19, 19, 0, NULL),
			 HEARD_WRONG);
	assert_int_equal(hear(&script, &talk, "GET / HTTP/1.1\r\n\r\n", 18, 18, 0, NULL),
			 HEARD_WRONG);
}

/* A server's end of the connection: takes off the mask and leaves the payload. */
static size_t unmask(uint8_t *frame, size_t length, uint8_t opcode, const uint8_t **payload)
{
	size_t head = 2, size;

	assert_int_equal(frame[0], 0x80 | opcode);
	assert_true(frame[1] & 0x80);
	size = frame[1] & 0x7f;
	if (size == 126)
		head = 4;
	else if (size == 127)
		head = 10;
	if (head > 2)
		size = 0;
	for (size_t i = 2; i < head; i++)
		size = size << 8 | frame[i];
	assert_int_equal(length, head + 4 + size);
	for (size_t i = 0; i < size; i++)
		frame[head + 4 + i] ^= frame[head + i % 4];
	*payload = frame + head + 4;
	return size;
}

static void requests_are_masked_frames_in_any_pieces(void **state)
{
	static const uint64_t sizes[] = { 8, 125, 126, 65535, 65536, 100000 };
	static uint8_t frame[100020], expected[100000];

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct script script = script_of(&pulse_websocket, sizes[i]);
		struct talk talk = { 0 };
		const uint8_t *payload;
		size_t length;

		ask(&talk);
		length = say(&script, &talk, SAY_REQUEST, 1 + i * 61, frame);
		assert_int_equal(unmask(frame, length, 2, &payload), sizes[i]);
		payload_write(STAMP, 0, expected, sizes[i]);
		assert_memory_equal(payload, expected, sizes[i]);
	}
}

static void the_farewell_has_a_code(void **state)
{
	struct script script = script_of(&pulse_websocket, 8);
	struct talk talk = { 0 };
	const uint8_t *payload;
	uint8_t frame[32];
	size_t length = say(&script, &talk, SAY_BYE, 5, frame);

	(void)state;
	assert_int_equal(unmask(frame, length, 8, &payload), 2);
	assert_int_equal(payload[0] << 8 | payload[1], 1000);
	length = say(&script, &talk, SAY_AWAY, 5, frame);
	assert_int_equal(unmask(frame, length, 8, &payload), 2);
	assert_int_equal(payload[0] << 8 | payload[1], 1001);
}

/* 8 bytes in frames of 3, 0 and 5, with a ping and a pong between them. */
static size_t fragments(uint8_t *bytes)
{
	static const uint8_t between[] = { 0x89, 2, 'h', 'i', 0x8a, 0 };
	uint8_t payload[8];
	size_t length = 0;

	payload_write(STAMP, 0, payload, sizeof(payload));
	bytes[length++] = 0x02;
	bytes[length++] = 3;
	memcpy(bytes + length, payload, 3);
	length += 3;
	memcpy(bytes + length, between, sizeof(between));
	length += sizeof(between);
	bytes[length++] = 0x00;
	bytes[length++] = 0;
	bytes[length++] = 0x80;
	bytes[length++] = 5;
	memcpy(bytes + length, payload + 3, 5);
	return length + 5;
}

static void fragments_and_pings_are_taken(void **state)
{
	struct script script = script_of(&pulse_websocket, 8);
	uint8_t bytes[64];
	size_t length = fragments(bytes);

	(void)state;
	for (size_t step = 1; step <= length; step++) {
		struct talk talk;

		shake_hands(&talk, &script, NULL, "", 99);
		ask(&talk);
		assert_int_equal(hear(&script, &talk, bytes, length, step, 0, NULL), HEARD_ANSWER);
	}
}

static void frames_that_break_the_rfc_are_wrong(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} frames[] = {
		{ "\xc2\x08", 2 }, /* a reserved bit */
		{ "\x82\x88", 2 }, /* masked by a server */
		{ "\x81\x08", 2 }, /* text where binary was sent */
		{ "\x80\x08", 2 }, /* continues nothing */
		{ "\x82\x09", 2 }, /* longer than what was sent */
		{ "\x82\x07"
		  "\1\2\3\4\5\6\7",
		  9 },			   /* shorter */
		{ "\x82\x7e\x00\x08", 4 }, /* its length in more bytes than it needs */
		{ "\x82\x7f\x80\0\0\0\0\0\0\x08", 10 },
		{ "\x09\x00", 2 },	   /* a ping in fragments */
		{ "\x89\x7e\x00\x7e", 4 }, /* a long ping */
		{ "\x83\x00", 2 },	   /* unknown opcodes */
		{ "\x8b\x00", 2 },
		{ "\x88\x01x", 3 }, /* half a close code */
	};
	struct script script = script_of(&pulse_websocket, 8);

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct talk talk;

		shake_hands(&talk, &script, NULL, "", 99);
		ask(&talk);
		assert_int_equal(
			hear(&script, &talk, frames[i].bytes, frames[i].length, 1, 0, NULL),
			HEARD_WRONG);
	}
}

static void a_close_frame_is_the_end(void **state)
{
	struct script script = script_of(&pulse_websocket, 8);
	struct talk talk;

	(void)state;
	shake_hands(&talk, &script, NULL, "", 99);
	assert_int_equal(hear(&script, &talk, "\x88\x02\x03\xe8", 4, 1, 0, NULL), HEARD_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_accept_key_is_that_of_the_rfc),
		cmocka_unit_test(the_handshake_is_checked),
		cmocka_unit_test(requests_are_masked_frames_in_any_pieces),
		cmocka_unit_test(the_farewell_has_a_code),
		cmocka_unit_test(fragments_and_pings_are_taken),
		cmocka_unit_test(frames_that_break_the_rfc_are_wrong),
		cmocka_unit_test(a_close_frame_is_the_end),
	};

	return unit_main(tests);
}
