/*
 * listeners.h - a listening socket for each worker, or one for all (--share).
 */
#ifndef SERVER_LISTENERS_H
#define SERVER_LISTENERS_H

#include "server/listener.h"
#include "server/server.h"

struct listeners {
	struct server *server;
	struct listener *more; /* for all workers but the first; NULL: all share the first one's */
	unsigned int count;    /* of more */
	pthread_rwlock_t descriptors;
};

/*
 * The first worker has server->listener; opens the others on the same port. Returns 0 or -errno;
 * listeners_close() may follow either way.
 */
int listeners_open(struct listeners *listeners, struct server *server);

struct listener *listeners_of(const struct listeners *listeners, unsigned int worker);

/* Leaves server->listener open. */
void listeners_close(struct listeners *listeners);

#endif
