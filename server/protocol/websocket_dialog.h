/*
 * websocket_dialog.h - frames in, messages out: a WebSocket dialog behind its handshake.
 */
#ifndef SERVER_PROTOCOL_WEBSOCKET_DIALOG_H
#define SERVER_PROTOCOL_WEBSOCKET_DIALOG_H

#include "server/dialog.h"
#include "server/protocol/utf8.h"
#include "server/protocol/websocket_frame.h"

/* What is under way; begins like struct http_asking. */
struct websocket {
	struct state state;
	struct buffer *in;	/* a handshake that came in part */
	struct buffer *message; /* so far, behind room for the header of its answer */
	uint64_t left;		/* bytes of the frame's payload to come */
	uint64_t deadline;	/* ns: what is under way must have gone on by then; 0: nothing is */
	uint32_t paid;		/* bytes of the message when that was set */
	struct websocket_frame frame;
	struct utf8 utf8;
	uint8_t part;
	uint8_t opcode; /* of the message; 0: none is under way */
	uint8_t have;	/* bytes */
	uint8_t bytes[WEBSOCKET_CONTROL_MOST];
	char *buffers; /* with --websocket-buffers: one to read, one to write */
};

/* What is remembered, or NULL: nothing is under way. */
struct websocket *websocket_of(const struct dialog *dialog);

/* Takes frames, and says every message back. Writes to the bytes. */
int websocket_hear(struct dialog *dialog, char *bytes, size_t length);

/* Ends a dialog whose peer has stopped half-way: 0, DIALOG_END or -errno. */
int websocket_patience(struct dialog *dialog, uint64_t now);

int websocket_say_control(struct dialog *dialog, uint8_t opcode, const uint8_t *payload,
			  size_t length);

#endif
