/*
 * sources.h - the addresses that connections come from, when one has too few ports.
 *
 * A connection is told from another by its four numbers, so every source address brings the whole
 * port range once more for the same destination. Knows no sockets but the one that it binds.
 */
#ifndef PULSE_SOURCES_H
#define PULSE_SOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include "server/base/address.h"

struct sources {
	struct address first; /* port 0 */
	uint64_t count;	      /* addresses from there on; 0: the kernel chooses */
};

/*
 * Reads "127.0.0.0/8", "[fd00::]/64", "fd00::/64" or a single address. The first and the last of an
 * IPv4 network, its own address and that for broadcast, are left out. Returns 0 or -EINVAL.
 */
int sources_parse(const char *text, struct sources *sources);

/*
 * Leaves as many addresses as are enough for ports connections when each has so many, and no more:
 * they are used up to a quarter, as the kernel tries one port after the other when it looks for a
 * free one, those in TIME_WAIT as well.
 */
void sources_narrow(struct sources *sources, uint64_t ports, uint64_t ports_each);

/* The address of that number; numbers beyond count begin again with the first. */
void sources_address(const struct sources *sources, uint64_t number, struct address *address);

/*
 * Binds the socket to that address and leaves the port to connect(), which may take any that makes
 * the four numbers new; bind() would want one that is free for all destinations (ip(7)). Does
 * nothing when count is 0. Returns 0 or -errno.
 */
int sources_bind(const struct sources *sources, uint64_t number, int fd);

/* Whether the server's address is of the same family. */
bool sources_suit(const struct sources *sources, const struct address *server);

#endif
