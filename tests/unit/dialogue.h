/* dialogue.h - speaks a protocol of pulse without a socket: says, and hears in pieces of any size.
 */
#ifndef TESTS_UNIT_DIALOGUE_H
#define TESTS_UNIT_DIALOGUE_H

#include <stdlib.h>
#include <string.h>

#include "pulse/protocol/protocol.h"
#include "tests/unit/unit.h"

#define MS    UINT64_C(1000000)
#define STAMP UINT64_C(0x0102030405060708)

static inline struct script script_of(const struct pulse_protocol *protocol, uint64_t message)
{
	return (struct script){ .protocol = protocol,
				.message = message,
				.seed = 1,
				.period = 1000 * MS,
				.host = "127.0.0.1:80" };
}

/* All of the words, in pieces of step bytes. Returns their length. */
static inline size_t say(const struct script *script, struct talk *talk, enum words words,
			 size_t step, uint8_t *bytes)
{
	size_t length = 0, count;

	talk->saying = (uint8_t)words;
	do {
		count = script->protocol->write(script, talk, 7, length, bytes + length, step);
		assert_in_range(count, 0, step);
		length += count;
	} while (count);
	talk->saying = SAY_NOTHING;
	talk->sent = (uint32_t)length;
	return length;
}

/*
 * Gives the bytes to the protocol, step at a time, as a connection would: what is not used comes
 * again. Returns what was heard last that was neither a part nor a beginning; lateness is that of
 * the last chunk.
 */
static inline enum heard hear(const struct script *script, struct talk *talk, const void *bytes,
			      size_t length, size_t step, uint64_t now, uint64_t *lateness)
{
	struct hearing hearing = { .script = script, .id = 7, .now = now, .bytes = bytes };
	enum heard result = HEARD_NOTHING;
	size_t given = 0;

	while (given < length) {
		size_t more = given + step < length ? step : length - given;

		given += more;
		hearing.length += more;
		while (hearing.length) {
			/* A copy of its own, so that the sanitizer sees who reads behind it. */
			uint8_t *exact = malloc(hearing.length);
			const uint8_t *place = hearing.bytes;
			enum heard heard;

			memcpy(exact, place, hearing.length);
			hearing.bytes = exact;
			hearing.used = 0;
			heard = script->protocol->take(talk, &hearing);
			hearing.bytes = place + hearing.used;
			hearing.length -= hearing.used;
			free(exact);
			if (heard == HEARD_WRONG)
				return heard;
			if (heard == HEARD_NOTHING)
				break;
			if (heard != HEARD_PART)
				result = heard;
			if (heard == HEARD_CHUNK && lateness)
				*lateness = hearing.lateness;
		}
	}
	return hearing.length ? HEARD_NOTHING : result;
}

static inline void ask(struct talk *talk)
{
	talk->waiting = true;
	talk->issued = STAMP;
	talk->got = 0;
}

#endif
