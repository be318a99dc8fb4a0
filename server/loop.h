/*
 * loop.h - an epoll loop: waits for its sockets, accepts, and has its shard serve them.
 *
 * Works on one thread and shares nothing with other loops but what struct server holds.
 */
#ifndef SERVER_LOOP_H
#define SERVER_LOOP_H

#include <stdbool.h>

#include "server/listener.h"
#include "server/shard.h"

struct loop {
	struct listener *listener;
	int epoll;
	int wakeup; /* an eventfd: another loop wants us at the end of an iteration */
	bool stopping;
	bool aside;	    /* full: other processes accept what waits */
	uint64_t full_at;   /* connections that it had when it was full */
	uint64_t accept_at; /* ns: the listener rests until then; UINT64_MAX: it does not */
	struct shard shard; /* last, for it ends with a large buffer */
};

/* Adds a descriptor to what the loop waits for. Returns 0 or -errno. */
int loop_watch(const struct loop *loop, int fd, uint32_t events);

/*
 * Serves the listener, with that slot of the status page, until a signal or server_stop() says so,
 * and closes all connections. Returns 0 or -errno.
 */
int loop_run(struct server *server, struct listener *listener, unsigned int slot);

#endif
