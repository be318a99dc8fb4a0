/*
 * websocket.c - a message in a binary frame that must come back byte for byte (RFC 6455).
 *
 * A mask must not be foreseen by who chooses the payload (10.3). Here both are ours, so the mask
 * is mixed from the message's time stamp, and a frame can be written on from any place in it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "pulse/protocol/accept_key.h"
#include "pulse/protocol/http.h"
#include "pulse/protocol/payload.h"
#include "pulse/protocol/protocol.h"

#define FINAL	   0x80
#define MASKED	   0x80
#define FRAME_MOST 14 /* bytes of a frame's head */

#define CLOSE_NORMAL 1000
#define CLOSE_AWAY   1001

enum opcode {
	CONTINUATION = 0,
	BINARY = 2,
	CLOSE = 8,
	PING = 9,
	PONG = 10,
};

enum {
	STAGE_HEAD,
	STAGE_MESSAGE,	/* its first frame is to begin */
	STAGE_MORE,	/* its next frame is to begin */
	STAGE_FRAGMENT, /* within a frame that another one follows */
	STAGE_LAST,	/* within the last frame */
};

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014). */
static uint64_t scramble(uint64_t z)
{
	z += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static void make_key(const struct script *script, uint32_t id, char key[WEBSOCKET_KEY + 1])
{
	uint64_t nonce[2] = { scramble(script->seed + id), scramble(~script->seed - id) };

	websocket_key((const uint8_t *)nonce, key);
}

static size_t write_hello(const struct script *script, uint32_t id, uint64_t from, uint8_t *bytes,
			  size_t room)
{
	char key[WEBSOCKET_KEY + 1], text[256];
	int length;

	make_key(script, id, key);
	length = snprintf(text, sizeof(text),
			  "GET / HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
			  "Connection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
			  "Sec-WebSocket-Version: 13\r\n\r\n",
			  script->host, key);
	return http_copy(text, (size_t)length, from, bytes, room);
}

/* The head of a final, masked frame. Returns its length; the mask is its last 4 bytes. */
static size_t write_head(uint8_t head[FRAME_MOST], enum opcode opcode, uint64_t length,
			 uint64_t stamp)
{
	uint32_t mask = (uint32_t)scramble(stamp);
	size_t used = 2, size_bytes = length < 126 ? 0 : length <= UINT16_MAX ? 2 : 8;

	head[0] = (uint8_t)(FINAL | opcode);
	head[1] = (uint8_t)(MASKED | (!size_bytes ? length : size_bytes == 2 ? 126 : 127));
	while (size_bytes--)
		head[used++] = (uint8_t)(length >> (8 * size_bytes));
	memcpy(head + used, &mask, sizeof(mask));
	return used + sizeof(mask);
}

static void apply_mask(const uint8_t *mask, uint64_t from, uint8_t *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] ^= mask[(from + i) & 3];
}

/* Of a message that is not in memory: its head, then its payload, from any place on. */
static size_t write_message(uint64_t stamp, uint64_t message, uint64_t from, uint8_t *bytes,
			    size_t room)
{
	uint8_t head[FRAME_MOST];
	size_t length = write_head(head, BINARY, message, stamp);
	size_t first = http_copy((const char *)head, length, from, bytes, room);
	uint64_t place = from + first - length;
	size_t count;

	if (from + first < length)
		return first;
	count = MIN(message - place, room - first);
	payload_write(stamp, place, bytes + first, count);
	apply_mask(head + length - 4, place, bytes + first, count);
	return first + count;
}

static size_t write_control(enum opcode opcode, const uint8_t *payload, size_t length,
			    uint64_t stamp, uint64_t from, uint8_t *bytes, size_t room)
{
	uint8_t frame[FRAME_MOST + PONG_MOST];
	size_t head = write_head(frame, opcode, length, stamp);

	memcpy(frame + head, payload, length);
	apply_mask(frame + head - 4, 0, frame + head, length);
	return http_copy((const char *)frame, head + length, from, bytes, room);
}

static size_t write_websocket(const struct script *script, const struct talk *talk, uint32_t id,
			      uint64_t from, uint8_t *bytes, size_t room)
{
	static const uint8_t normal[] = { CLOSE_NORMAL >> 8, CLOSE_NORMAL & 0xff };
	static const uint8_t away[] = { CLOSE_AWAY >> 8, CLOSE_AWAY & 0xff };

	switch ((enum words)talk->saying) {
	case SAY_HELLO:
		return write_hello(script, id, from, bytes, room);
	case SAY_REQUEST:
		return write_message(talk->issued, script->message, from, bytes, room);
	case SAY_PONG:
		return write_control(PONG, talk->carry->pong, talk->carry->pong_length,
				     talk->issued, from, bytes, room);
	case SAY_BYE:
		return write_control(CLOSE, normal, sizeof(normal), talk->issued, from, bytes,
				     room);
	case SAY_AWAY:
		return write_control(CLOSE, away, sizeof(away), talk->issued, from, bytes, room);
	case SAY_NOTHING:
		break;
	}
	return 0;
}

/* RFC 6455, 4.1: also, nothing that was not offered may be chosen. */
static enum heard take_hello(struct talk *talk, struct hearing *hearing)
{
	char key[WEBSOCKET_KEY + 1], accept[WEBSOCKET_ACCEPT + 1];
	const uint8_t *head = hearing->bytes;
	size_t length = http_head_length(head, hearing->length);

	if (!length)
		return HEARD_NOTHING;
	make_key(hearing->script, hearing->id, key);
	websocket_accept_key(key, accept);
	if (http_status(head, length) != 101 || !http_has(head, length, "upgrade", "websocket") ||
	    !http_has(head, length, "connection", "upgrade") ||
	    !http_is(head, length, "sec-websocket-accept", accept) ||
	    http_has(head, length, "sec-websocket-extensions", NULL) ||
	    http_has(head, length, "sec-websocket-protocol", NULL))
		return HEARD_WRONG;
	hearing->used = length;
	talk->stage = STAGE_MESSAGE;
	return HEARD_READY;
}

struct frame {
	uint8_t opcode;
	bool final;
	size_t head; /* bytes */
	uint64_t length;
};

/* RFC 6455, 5.2: no reserved bits, no mask from a server, the length in as few bytes as can be. */
static enum heard parse_frame(const uint8_t *bytes, size_t length, struct frame *frame)
{
	size_t more;

	if (bytes[0] & 0x70 || (length > 1 && bytes[1] & MASKED))
		return HEARD_WRONG;
	if (length < 2)
		return HEARD_NOTHING;
	frame->opcode = bytes[0] & 0x0f;
	frame->final = bytes[0] & FINAL;
	frame->length = bytes[1];
	more = frame->length < 126 ? 0 : frame->length == 126 ? 2 : 8;
	frame->head = 2 + more;
	if (length < frame->head)
		return HEARD_NOTHING;
	if (more)
		frame->length = 0;
	for (size_t i = 0; i < more; i++)
		frame->length = frame->length << 8 | bytes[2 + i];
	if ((more == 2 && frame->length < 126) || (more == 8 && frame->length <= UINT16_MAX))
		return HEARD_WRONG;
	return HEARD_PART;
}

/* Control frames come between others and are taken whole (RFC 6455, 5.5). */
static enum heard take_control(struct hearing *hearing, const struct frame *frame)
{
	if (!frame->final || frame->length > PONG_MOST)
		return HEARD_WRONG;
	if (hearing->length < frame->head + frame->length)
		return HEARD_NOTHING;
	hearing->used = frame->head + (size_t)frame->length;
	switch (frame->opcode) {
	case CLOSE:
		return frame->length == 1 ? HEARD_WRONG : HEARD_END;
	case PING:
		hearing->pong = hearing->bytes + frame->head;
		hearing->pong_length = (uint8_t)frame->length;
		return HEARD_PING;
	case PONG:
		return HEARD_PART;
	default:
		return HEARD_WRONG;
	}
}

static enum heard end_frame(struct talk *talk, const struct script *script)
{
	if (talk->left)
		return HEARD_PART;
	if (talk->stage == STAGE_FRAGMENT) {
		talk->stage = STAGE_MORE;
		return HEARD_PART;
	}
	talk->stage = STAGE_MESSAGE;
	return talk->got == script->message ? HEARD_ANSWER : HEARD_WRONG;
}

static enum heard begin_frame(struct talk *talk, struct hearing *hearing)
{
	struct frame frame;
	enum heard heard = parse_frame(hearing->bytes, hearing->length, &frame);

	if (heard != HEARD_PART)
		return heard;
	if (frame.opcode >= CLOSE)
		return take_control(hearing, &frame);
	if (frame.opcode != (talk->stage == STAGE_MORE ? CONTINUATION : BINARY) || !talk->waiting ||
	    frame.length > hearing->script->message - talk->got)
		return HEARD_WRONG;
	talk->left = (uint32_t)frame.length;
	talk->stage = frame.final ? STAGE_LAST : STAGE_FRAGMENT;
	hearing->used = frame.head;
	return end_frame(talk, hearing->script);
}

static enum heard take_payload(struct talk *talk, struct hearing *hearing)
{
	size_t count = MIN(hearing->length, talk->left);

	if (!payload_matches(talk->issued, talk->got, hearing->bytes, count))
		return HEARD_WRONG;
	talk->got += (uint32_t)count;
	talk->left -= (uint32_t)count;
	hearing->used = count;
	return end_frame(talk, hearing->script);
}

static enum heard take_websocket(struct talk *talk, struct hearing *hearing)
{
	switch (talk->stage) {
	case STAGE_HEAD:
		return take_hello(talk, hearing);
	case STAGE_FRAGMENT:
	case STAGE_LAST:
		return take_payload(talk, hearing);
	default:
		return begin_frame(talk, hearing);
	}
}

const struct pulse_protocol pulse_websocket = {
	.name = "websocket",
	.help = "an upgrade, then messages in masked binary frames, which must come back",
	.greets = true,
	.asks = true,
	.parts = true,
	.hears = true,
	.write = write_websocket,
	.take = take_websocket,
};
