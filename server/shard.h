/*
 * shard.h - the share of the connections that one loop serves, and all that loops have in common:
 * table and footprint, the protocol's dialogs and timers, the part in releases, journal and status.
 *
 * Runs on one thread. Does not know how sockets are waited for: an architecture tells it what has
 * happened, and ends each iteration with shard_end_iteration().
 */
#ifndef SERVER_SHARD_H
#define SERVER_SHARD_H

#include <stdbool.h>
#include <stdint.h>

#include "server/compact.h"
#include "server/connections.h"
#include "server/dialog.h"
#include "server/lifetimes.h"
#include "server/rounds.h"
#include "server/server.h"

#define SHARD_BUFFER (16u << 10) /* one for all connections of the loop */

struct shard {
	struct server *server;
	struct connections connections;
	struct dialog dialog; /* with the connection that is served right now */
	struct lifetimes timers[DIALOG_TIMERS];
	struct member member;
	struct compact compact;
	unsigned int slot; /* of the status page */
	bool said_shed;
	uint64_t opened; /* at the last iteration's end */
	uint64_t closed;
	uint64_t ringing; /* ns: the moment of the tick that is served; 0: none */
	uint64_t wake;	  /* ns: an idle loop must wake then; UINT64_MAX: never */
	char buffer[SHARD_BUFFER];
};

/*
 * The transport's remind is shard_remind(). wake is called from other threads to have the loop come
 * to its end of an iteration; NULL where there is one loop only.
 */
void shard_init(struct shard *shard, struct server *server, unsigned int slot,
		const struct transport *transport, void (*wake)(void *argument), void *argument);

/* Serves an accepted descriptor. NULL: it was shed. */
struct connection *shard_open(struct shard *shard, int fd);

/* A connection could not be served, with that -errno. */
void shard_count_shed(struct shard *shard, int error);

/* For workers that share a listener: tells the others whether this one can take no more. */
void shard_tell_full(struct shard *shard, bool full);

/* Whether another worker can, as far as it has told. */
bool shard_others_have_room(const struct shard *shard);

/* NULL when it is not one of this shard. */
static inline struct connection *shard_find(const struct shard *shard, int fd)
{
	return table_find(&shard->connections.table, fd);
}

/*
 * What happened on a connection. Each may close it, and then returns false; the pointer is void.
 * Data that the transport has read: the protocol may write to it.
 */
bool shard_data(struct shard *shard, struct connection *connection, char *data, size_t length);

/* Nothing more will come. */
bool shard_end_of_data(struct shard *shard, struct connection *connection);

/* All that waited has been sent. */
bool shard_drained(struct shard *shard, struct connection *connection);

void shard_close(struct shard *shard, struct connection *connection);

/*
 * For sockets that are waited for: one recv() into the shard's buffer. Returns how much came, 0:
 * nothing more waits, or -1: the connection is closed.
 */
ssize_t shard_read(struct shard *shard, struct connection *connection);

/* The same: sends what waits. Returns whether the connection is still there, and nothing waits. */
bool shard_write(struct shard *shard, struct connection *connection);

/* For transports: send() that never blocks, and the timers. */
ssize_t shard_send(struct dialog *dialog, const char *bytes, size_t length);
int shard_remind(struct dialog *dialog, enum dialog_timer timer);

/* Timers, expiry, release, status page. Sets wake. */
void shard_end_iteration(struct shard *shard);

/* Milliseconds for epoll_wait() and its like, rounded up: to wake early would be to wake twice. */
int shard_time_to_wake(const struct shard *shard);

/* Says farewell on every connection; the loop may still send it. */
void shard_farewell(struct shard *shard);

/* Closes all connections and publishes that. */
void shard_free(struct shard *shard);

#endif
