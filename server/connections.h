/*
 * connections.h - the open connections of one loop: their table, their footprint, and the account.
 *
 * Opens, feeds and closes; takes blocks from the plug-in and gives them back in time. Does not know
 * sockets' events, release policies or protocols.
 */
#ifndef SERVER_CONNECTIONS_H
#define SERVER_CONNECTIONS_H

#include <stdint.h>

#include "server/base/status.h"
#include "server/footprint.h"
#include "server/lifetimes.h"
#include "server/table.h"

struct connections {
	const struct footprint *footprint;
	struct table table;
	struct lifetimes due[FOOTPRINT_ITEMS]; /* by item; unused for those without a lifetime */
	struct status_slot account;	       /* opened, closed, shed, live and table bytes */
};

/* The index is that of the process, and must outlive the connections. */
void connections_init(struct connections *connections, const struct footprint *footprint,
		      struct index *index);

/*
 * Adds an accepted descriptor and takes its footprint. NULL: there is no memory, nothing was taken,
 * and the descriptor is still the caller's.
 */
struct connection *connections_open(struct connections *connections, int fd);

/* Data came on this connection. -ENOMEM: a block due at the first byte could not be taken. */
int connections_feed(struct connections *connections, struct connection *connection);

/* Gives the footprint back and closes the descriptor. Its dialog has ended. */
void connections_close(struct connections *connections, struct connection *connection);

/* Gives back what has outlived its time. Returns the moment of the next one, or UINT64_MAX. */
uint64_t connections_expire(struct connections *connections, uint64_t now);

/* Gives unused pages back and brings the account's table bytes up to date. */
void connections_trim(struct connections *connections);

/* Closes all. */
void connections_free(struct connections *connections);

static inline uint64_t connections_count(const struct connections *connections)
{
	return connections->account.opened - connections->account.closed;
}

#endif
