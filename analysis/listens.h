/*
 * listens.h - who listens on which TCP port, without connecting to it.
 *
 * A connection would be one that the server counts, and perhaps waits for.
 */
#ifndef ANALYSIS_LISTENS_H
#define ANALYSIS_LISTENS_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LISTENS_TEXT 64

struct listens {
	pid_t pid;
	uint16_t port;
	struct in6_addr address; /* IPv4 as ::ffff:a.b.c.d */
	unsigned long inode;
};

/*
 * Fills found with the sockets that root's descendants listen on, of a socket that several
 * processes share the one that the others were forked from. Returns how many, or -errno.
 */
int listens_below(pid_t root, struct listens *found, size_t room);

/*
 * How to connect to it from this machine ("127.0.0.1:8080", "[::1]:8080"), or NULL when it listens
 * on no loopback address.
 */
const char *listens_reach(const struct listens *listens, char text[LISTENS_TEXT]);

/* "0.0.0.0:8080". Returns text. */
const char *listens_describe(const struct listens *listens, char text[LISTENS_TEXT]);

#endif
