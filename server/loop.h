/*
 * loop.h - an epoll loop: accepts, reads, closes, and at the end of each iteration expires blocks,
 * evaluates the release policy and publishes its slot of the status page.
 *
 * Works on one thread and shares nothing with other loops but the listener.
 */
#ifndef SERVER_LOOP_H
#define SERVER_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "server/connections.h"
#include "server/journal.h"
#include "server/release.h"
#include "server/server.h"

#define LOOP_BUFFER (16u << 10) /* one for all connections of the loop */

struct loop {
	struct server *server;
	struct connections connections;
	struct release release;
	struct journal journal;
	unsigned int slot; /* of the status page */
	int epoll;
	bool stopping;
	bool said_shed;
	uint64_t wake; /* ns: an idle loop must wake then; UINT64_MAX: never */
	char buffer[LOOP_BUFFER];
};

/* Returns 0 or -errno; loop_free() may follow either way. */
int loop_init(struct loop *loop, struct server *server, unsigned int slot);

/* Runs until a signal says stop. Returns 0 or -errno. */
int loop_run(struct loop *loop);

/* Closes all connections and publishes that. */
void loop_free(struct loop *loop);

#endif
