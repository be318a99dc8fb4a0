/*
 * protocol.h - what is said on a connection: one file and one row in protocol.c each.
 */
#ifndef SERVER_PROTOCOL_PROTOCOL_H
#define SERVER_PROTOCOL_PROTOCOL_H

#include <stddef.h>
#include <stdio.h>

struct protocol {
	const char *name;
	const char *help;
	/*
	 * Data came; the buffer is the loop's and is gone when this returns. Returns 0, or -errno
	 * to have the connection closed.
	 */
	int (*receive)(int fd, const char *data, size_t length);
};

extern const struct protocol protocol_idle;

/* NULL when there is none of that name. */
const struct protocol *protocol_find(const char *name);

/* Prints the protocols, a line each. */
void protocol_help(FILE *file);

#define EXPECTS_PROTOCOL "a protocol (idle)"

#endif
