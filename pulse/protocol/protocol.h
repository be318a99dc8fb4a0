/*
 * protocol.h - what is said on a connection, and what must come back: one file and one row in
 * protocol.c each.
 *
 * A protocol writes what is to be sent and checks what came. It makes no system calls and has no
 * memory but the connection's struct talk. Every byte from a server is untrusted.
 */
#ifndef PULSE_PROTOCOL_PROTOCOL_H
#define PULSE_PROTOCOL_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "server/base/address.h"

#define PONG_MOST  125	/* bytes of a WebSocket control frame (RFC 6455, 5.5) */
#define CARRY_MOST 8192 /* bytes of an unfinished beginning; more is no answer */

/* The words of a connection. */
enum words {
	SAY_NOTHING,
	SAY_HELLO, /* the first, where the protocol has such */
	SAY_REQUEST,
	SAY_PONG,
	SAY_BYE,  /* an answer is awaited */
	SAY_AWAY, /* none is: the connection is about to be closed */
};

/* What came in pieces is kept here until it is whole; and a ping until it is answered. */
struct carry {
	uint32_t length;
	uint8_t ping_length;
	uint8_t pong_length;
	uint8_t ping[PONG_MOST]; /* the newest one's payload */
	uint8_t pong[PONG_MOST]; /* of the answer under way */
	uint8_t bytes[];
};

/* Where a connection is in its talk. */
struct talk {
	/* ns: since when an answer is due; a request's own time stamp. */
	uint64_t issued;
	union {
		uint64_t planned;   /* ns, when it should have been issued; feed: the next chunk */
		uint64_t operation; /* in the open loop: its number */
	};
	struct carry *carry; /* mostly NULL */
	uint32_t sent;	     /* bytes of the words under way that the kernel has taken */
	uint32_t got;	     /* bytes of the answer that have come; feed: the next chunk's number */
	uint32_t left;	     /* of a frame under way, still to come */
	uint8_t saying;	     /* enum words */
	uint8_t due;	     /* a bit for each of the words that wait for their turn */
	uint8_t stage;	     /* the protocol's own; 0 at first */
	bool waiting;	     /* for an answer */
};

/* What all connections have in common. */
struct script {
	const struct pulse_protocol *protocol;
	uint64_t message; /* bytes of one, its 8-byte time stamp included */
	uint64_t seed;	  /* of WebSocket keys */
	uint64_t period;  /* ns between two chunks of a feed */
	char host[ADDRESS_TEXT];
};

enum heard {
	HEARD_NOTHING, /* a beginning; bring it again with what follows */
	HEARD_PART,    /* it is right so far */
	HEARD_READY,   /* the hello has been answered */
	HEARD_ANSWER,  /* the request has been answered */
	HEARD_CHUNK,   /* something came unasked, as it should */
	HEARD_PING,    /* its payload begins at pong */
	HEARD_END,     /* the other side takes its leave */
	HEARD_WRONG,   /* no server of this protocol says that, now */
};

/* Bytes that came, and what the protocol made of them. */
struct hearing {
	const struct script *script;
	uint32_t id; /* of the connection */
	uint64_t now;
	const uint8_t *bytes;
	size_t length; /* never 0 */

	size_t used;	   /* the rest is for the next call; 0 with HEARD_NOTHING */
	uint64_t lateness; /* ns, of a chunk; UINT64_MAX for the first, which sets the clock */
	const uint8_t *pong;
	uint8_t pong_length;
};

struct pulse_protocol {
	const char *name;
	const char *help;
	bool greets; /* says SAY_HELLO; the connection is established when that is answered */
	bool asks;   /* says SAY_REQUEST, whenever it is told to */
	bool parts;  /* says SAY_BYE, and waits for HEARD_END; or SAY_AWAY */
	bool hears;  /* something may come at all */

	/*
	 * Writes up to room bytes of the words under way (talk->saying), from that offset in them.
	 * Returns how many; 0 behind their end.
	 */
	size_t (*write)(const struct script *script, const struct talk *talk, uint32_t id,
			uint64_t from, uint8_t *bytes, size_t room);
	enum heard (*take)(struct talk *talk, struct hearing *hearing);
};

extern const struct pulse_protocol pulse_idle;
extern const struct pulse_protocol pulse_echo;
extern const struct pulse_protocol pulse_feed;
extern const struct pulse_protocol pulse_websocket;

/* NULL when there is none of that name. */
const struct pulse_protocol *pulse_protocol_find(const char *name);

#define EXPECTS_PULSE_PROTOCOL "a protocol (idle, echo, feed, websocket)"

#endif
