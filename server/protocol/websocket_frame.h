/*
 * websocket_frame.h - the frames of WebSocket (RFC 6455, section 5): pure functions over bytes.
 */
#ifndef SERVER_PROTOCOL_WEBSOCKET_FRAME_H
#define SERVER_PROTOCOL_WEBSOCKET_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_HEADER_MOST  14  /* bytes */
#define WEBSOCKET_CONTROL_MOST 125 /* bytes of a control frame's payload */

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

/* Why a connection is closed (7.4.1). */
enum websocket_close {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING_AWAY = 1001,
	WEBSOCKET_PROTOCOL_ERROR = 1002,
	WEBSOCKET_BAD_DATA = 1007,
	WEBSOCKET_POLICY = 1008, /* what fits no other code: here, --timeout */
	WEBSOCKET_TOO_BIG = 1009,
	WEBSOCKET_INTERNAL = 1011,
};

struct websocket_frame {
	uint64_t length; /* of the payload */
	uint8_t mask[4]; /* of a client's frame */
	uint8_t opcode;
	uint8_t header; /* bytes that it takes */
	bool final;
};

static inline bool websocket_is_control(uint8_t opcode)
{
	return opcode & 8;
}

/*
 * Reads the header of a client's frame. Returns 0, -EAGAIN when more must come, or
 * WEBSOCKET_PROTOCOL_ERROR, as soon as it can be known.
 */
int websocket_frame_parse(const uint8_t *bytes, size_t length, struct websocket_frame *frame);

/* Writes the header of a server's frame, of at most 10 bytes, and returns its length. */
size_t websocket_frame_write(uint8_t *bytes, bool final, uint8_t opcode, uint64_t length);

/*
 * Takes the mask off length bytes of a payload, of which the first is the offset-th; from and to
 * may be the same, or to may be before from.
 */
void websocket_unmask(uint8_t *to, const uint8_t *from, size_t length, const uint8_t mask[4],
		      uint64_t offset);

/*
 * Reads the payload of a close frame: returns 0 when it is in order (the code, or 0 where there is
 * none, is in *code), or the code that answers it.
 */
int websocket_close_parse(const uint8_t *payload, size_t length, uint16_t *code);

#endif
