/*
 * connection.h - the record of one connection: 16 bytes and a pointer for each block.
 *
 * It is movable: a pointer to it is valid until another connection opens or closes on its loop.
 */
#ifndef SERVER_CONNECTION_H
#define SERVER_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

#define CONNECTION_SERIAL ((1u << 24) - 1)

enum connection_phase {
	CONNECTION_OPEN,
	CONNECTION_DRAINING, /* what waits is still sent, what comes is not read; then it lingers */
	CONNECTION_LINGERING, /* our side is shut; what comes is thrown away until the peer's is too
			       */
};

struct connection {
	int32_t fd;
	uint32_t serial : 24;  /* tells it from a later one with the same descriptor */
	uint32_t fed : 1;      /* data has come */
	uint32_t greeted : 1;  /* protocol: its handshake is done */
	uint32_t phase : 2;    /* enum connection_phase */
	uint32_t deaf : 1;     /* reading has stopped, for the peer does not read */
	uint32_t sending : 1;  /* uring: a send is under way */
	uint32_t hearing : 1;  /* uring: a receive is under way */
	uint32_t patience : 1; /* a deadline is in the queue */
	struct state *state;   /* of its dialog; NULL while there is none */
	void *blocks[];	       /* of its footprint, in the order of the list; NULL: not taken */
};

static inline size_t connection_size(size_t blocks)
{
	return sizeof(struct connection) + blocks * sizeof(void *);
}

#endif
