/*
 * feed.c - one GET, answered by a chunk a period for ever: "Chunk N for id ID".
 *
 * Each connection has its own clock. The first chunk sets it, and one that comes earlier than it
 * says sets it back: the chunk that came most promptly is what the others are measured by.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "pulse/protocol/http.h"
#include "pulse/protocol/protocol.h"

#define CHUNK_MOST 256 /* bytes of text; ours have about 25 */

enum {
	STAGE_HEAD,
	STAGE_GREETING, /* a chunk of any text may come before the first with a number */
	STAGE_FIRST,
	STAGE_CHUNKS,
};

static size_t write_feed(const struct script *script, const struct talk *talk, uint32_t id,
			 uint64_t from, uint8_t *bytes, size_t room)
{
	char text[128];
	int length = snprintf(text, sizeof(text),
			      "GET /test/%" PRIu32 " HTTP/1.1\r\nHost: %s\r\n\r\n", id,
			      script->host);

	(void)talk;
	return http_copy(text, (size_t)length, from, bytes, room);
}

static enum heard take_head(struct talk *talk, struct hearing *hearing)
{
	size_t length = http_head_length(hearing->bytes, hearing->length);

	if (!length)
		return HEARD_NOTHING;
	if (http_status(hearing->bytes, length) != 200 ||
	    !http_has(hearing->bytes, length, "transfer-encoding", "chunked"))
		return HEARD_WRONG;
	hearing->used = length;
	talk->stage = STAGE_GREETING;
	return HEARD_READY;
}

/*
 * The size line of a chunk (RFC 9112, 7.1). Returns its length with the line end, 0 when it is not
 * whole, and SIZE_MAX when it is none.
 */
static size_t parse_size_line(const uint8_t *bytes, size_t length, size_t *size)
{
	size_t digits = 0;

	*size = 0;
	while (digits < length && isxdigit(bytes[digits])) {
		int digit = bytes[digits] | 0x20; /* lower case, and '0' to '9' as they are */

		*size = *size * 16 + (size_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
		if (++digits > 4)
			return SIZE_MAX;
	}
	if (digits == length || (length == digits + 1 && bytes[digits] == '\r' && digits))
		return 0;
	if (!digits || bytes[digits] != '\r' || bytes[digits + 1] != '\n')
		return SIZE_MAX;
	return digits + 2;
}

/* Whether the text is that line, expected with its line end, which may be there or not. */
static bool is_line(const uint8_t *text, size_t length, char *expected, size_t wanted)
{
	if (length && text[length - 1] != '\n')
		wanted -= 2;
	else if (length > 1 && text[length - 2] != '\r')
		expected[--wanted - 1] = '\n';
	return length == wanted && !memcmp(text, expected, length);
}

static bool is_chunk(const uint8_t *text, size_t length, uint32_t number, uint32_t id)
{
	char expected[64];
	int wanted = snprintf(expected, sizeof(expected),
			      "Chunk %" PRIu32 " for id %" PRIu32 "\r\n", number, id);

	return is_line(text, length, expected, (size_t)wanted);
}

/* Any text that does not say whose it is, and ours only with the right one. */
static bool is_greeting(const uint8_t *text, size_t length, uint32_t id)
{
	static const char ours[] = "Hello, id ";
	char expected[64];
	int wanted = snprintf(expected, sizeof(expected), "%s%" PRIu32 "\r\n", ours, id);

	if (length < sizeof(ours) - 1 || memcmp(text, ours, sizeof(ours) - 1) != 0)
		return true;
	return is_line(text, length, expected, (size_t)wanted);
}

static enum heard keep_time(struct talk *talk, struct hearing *hearing)
{
	if (talk->stage != STAGE_CHUNKS || hearing->now < talk->planned)
		talk->planned = hearing->now;
	hearing->lateness = talk->stage == STAGE_CHUNKS ? hearing->now - talk->planned : UINT64_MAX;
	talk->planned += hearing->script->period;
	talk->issued = talk->planned;
	talk->stage = STAGE_CHUNKS;
	talk->got++;
	return HEARD_CHUNK;
}

/* Servers count from 0 or from 1. */
static enum heard take_text(struct talk *talk, struct hearing *hearing, const uint8_t *text,
			    size_t length)
{
	if (talk->stage == STAGE_CHUNKS)
		return is_chunk(text, length, talk->got, hearing->id) ? keep_time(talk, hearing)
								      : HEARD_WRONG;
	for (talk->got = 0; talk->got < 2; talk->got++)
		if (is_chunk(text, length, talk->got, hearing->id))
			return keep_time(talk, hearing);
	if (talk->stage != STAGE_GREETING || !is_greeting(text, length, hearing->id))
		return HEARD_WRONG;
	talk->stage = STAGE_FIRST;
	return HEARD_PART;
}

static enum heard take_feed(struct talk *talk, struct hearing *hearing)
{
	size_t line, size;

	if (talk->stage == STAGE_HEAD)
		return take_head(talk, hearing);
	line = parse_size_line(hearing->bytes, hearing->length, &size);
	if (line == SIZE_MAX || size > CHUNK_MOST)
		return HEARD_WRONG;
	if (!line || hearing->length < line + size + 2)
		return HEARD_NOTHING;
	if (memcmp(hearing->bytes + line + size, "\r\n", 2) != 0)
		return HEARD_WRONG;
	hearing->used = line + size + 2;
	return size ? take_text(talk, hearing, hearing->bytes + line, size) : HEARD_END;
}

const struct pulse_protocol pulse_feed = {
	.name = "feed",
	.help = "an HTTP chunk a second, checked one by one, and its lateness",
	.greets = true,
	.hears = true,
	.write = write_feed,
	.take = take_feed,
};
