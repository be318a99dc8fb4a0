/*
 * answers.c - fuzzes what pulse makes of a server's bytes: any bytes, cut anywhere, give a result,
 * and the parser moves on or asks for more; the same bytes in one piece give the same result.
 *
 * The first byte chooses the protocol and its stage, the second the size of the pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "pulse/protocol/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static const struct pulse_protocol *const protocols[] = { &pulse_echo, &pulse_feed,
							  &pulse_websocket };

static const char feed_head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

static enum heard take(const struct script *script, struct talk *talk, const uint8_t *bytes,
		       size_t length, size_t *used)
{
	struct hearing hearing = {
		.script = script, .id = 1, .now = 1, .bytes = bytes, .length = length
	};
	enum heard heard = script->protocol->take(talk, &hearing);

	check(hearing.used <= length);
	check(heard == HEARD_WRONG || (heard == HEARD_NOTHING) == (hearing.used == 0));
	check(talk->got <= script->message || script->protocol == &pulse_feed);
	if (heard == HEARD_PING)
		check(hearing.pong_length <= PONG_MOST && hearing.pong >= bytes &&
		      hearing.pong + hearing.pong_length <= bytes + length);
	if (heard == HEARD_ANSWER)
		talk->waiting = false;
	*used = hearing.used;
	return heard;
}

/* Behind the handshake, with a request under way. */
static void begin(const struct script *script, struct talk *talk)
{
	size_t used;

	memset(talk, 0, sizeof(*talk));
	if (script->protocol == &pulse_feed)
		take(script, talk, (const uint8_t *)feed_head, sizeof(feed_head) - 1, &used);
	else if (script->protocol == &pulse_websocket)
		talk->stage = 1;
	talk->waiting = true;
	talk->sent = (uint32_t)script->message;
}

/* Returns what was heard last, and in *taken how many of the bytes were used. */
static enum heard run(const struct script *script, struct talk *talk, const uint8_t *data,
		      size_t size, size_t step, size_t *taken)
{
	enum heard heard = HEARD_NOTHING;
	size_t given = 0, place = 0;

	while (given < size && heard != HEARD_WRONG && heard != HEARD_END) {
		given = given + step < size ? given + step : size;
		while (place < given) {
			uint8_t *exact = malloc(given - place);
			size_t used;

			memcpy(exact, data + place, given - place);
			heard = take(script, talk, exact, given - place, &used);
			free(exact);
			place += used;
			if (heard == HEARD_NOTHING || heard == HEARD_WRONG || heard == HEARD_END)
				break;
		}
	}
	*taken = place;
	return heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script = { .message = 16, .seed = 1, .period = 1000, .host = "h" };
	size_t taken[2];
	struct talk talks[2];
	enum heard heard[2];

	if (size < 3)
		return 0;
	script.protocol = protocols[data[0] % 3];
	for (int i = 0; i < 2; i++) {
		memset(&talks[i], 0, sizeof(talks[i]));
		if (data[0] & 0x80)
			begin(&script, &talks[i]);
		heard[i] = run(&script, &talks[i], data + 2, size - 2, i ? size : data[1] + 1u,
			       &taken[i]);
	}
	check((heard[0] == HEARD_WRONG) == (heard[1] == HEARD_WRONG));
	check((heard[0] == HEARD_END) == (heard[1] == HEARD_END));
	check(heard[0] == HEARD_WRONG || taken[0] == taken[1]);
	return 0;
}
