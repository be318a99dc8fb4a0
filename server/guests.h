/*
 * guests.h - connections that have a thread each, with blocking calls: for --arch thread.
 */
#ifndef SERVER_GUESTS_H
#define SERVER_GUESTS_H

#include <pthread.h>
#include <stdbool.h>

#include "server/server.h"
#include "server/table.h"

struct guests {
	struct server *server;
	pthread_mutex_t lock;
	pthread_cond_t left; /* one has gone */
	struct table table;  /* who is here; their blocks are on their stacks */
	struct status_slot account;
	uint64_t opened; /* that the main thread knows of */
	uint64_t closed;
	unsigned int threads;
	bool ending;
	int news; /* an eventfd, readable when connections have come or gone */
};

/* Returns 0 or -errno; guests_free() may follow either way. */
int guests_init(struct guests *guests, struct server *server);

/*
 * Serves an accepted, blocking descriptor on a thread of its own. -ENOMEM or -EAGAIN: it could not
 * be, and is closed.
 */
int guests_admit(struct guests *guests, int fd, const pthread_attr_t *attr);

/* The life of a guest, on its own thread: until its descriptor is closed and it is counted. */
void guest_serve(struct guests *guests, int fd);

/* How many have come and gone since the last call. */
void guests_news(struct guests *guests, uint64_t *opened, uint64_t *closed);

/* Sees all of them off; returns when the last one has gone. */
void guests_end(struct guests *guests);

void guests_free(struct guests *guests);

#endif
