/*
 * listener.h - the listening socket, and what to do when descriptors run out.
 */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include "server/base/address.h"

struct listener {
	int fd;
	int spare; /* given up for a moment to accept and shed a connection on EMFILE */
	struct address address;
};

/*
 * Listens on *address; port 0 becomes the one that the kernel chose. backlog 0: as long as the
 * kernel allows. Returns 0 or -errno.
 */
int listener_open(struct listener *listener, const struct address *address, int backlog);

/* The next connection's descriptor, non-blocking, or -errno; -EAGAIN: nobody waits. */
int listener_accept(const struct listener *listener);

/*
 * Descriptors ran out: takes the newest waiting connection and closes it, so that its client sees
 * an end instead of silence. Returns 0, or -errno when there was none or no spare descriptor.
 */
int listener_shed(struct listener *listener);

void listener_close(struct listener *listener);

#endif
