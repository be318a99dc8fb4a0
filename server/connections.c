/*
 * connections.c - the open connections of one loop. See connections.h.
 */
#include "server/connections.h"

#include <stdbool.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/holding.h"

void connections_init(struct connections *connections, const struct footprint *footprint,
		      struct index *index)
{
	memset(connections, 0, sizeof(*connections));
	connections->footprint = footprint;
	table_init(&connections->table, index, footprint->block_count);
}

static int take_item(struct connections *connections, struct connection *connection,
		     const struct footprint_item *item)
{
	int error = holding_take(connection, item, &connections->account);

	if (error || !item->lifetime)
		return error;
	return lifetimes_push(&connections->due[item - connections->footprint->items],
			      (struct lifetime){ clock_now() + item->lifetime, connection->fd,
						 connection->serial });
}

/* Those that are due when it opens, or those that are due at its first byte. */
static int take_items(struct connections *connections, struct connection *connection,
		      bool at_first_byte)
{
	const struct footprint *footprint = connections->footprint;
	int error = 0;

	for (uint32_t i = 0; i < footprint->item_count && !error; i++)
		if (footprint->items[i].at_first_byte == at_first_byte)
			error = take_item(connections, connection, &footprint->items[i]);
	return error;
}

struct connection *connections_open(struct connections *connections, int fd)
{
	struct connection *connection = table_insert(&connections->table, fd);

	if (!connection)
		return NULL;
	if (take_items(connections, connection, false)) {
		holding_give_all(connection, connections->footprint, &connections->account);
		table_remove(&connections->table, fd);
		return NULL;
	}
	connections->account.opened++;
	return connection;
}

int connections_feed(struct connections *connections, struct connection *connection)
{
	if (connection->fed)
		return 0;
	connection->fed = true;
	return take_items(connections, connection, true);
}

void connections_close(struct connections *connections, struct connection *connection)
{
	int fd = connection->fd;

	holding_give_all(connection, connections->footprint, &connections->account);
	table_remove(&connections->table, fd);
	close(fd);
	connections->account.closed++;
	connections->account.last_close = clock_now();
}

static uint64_t expire_item(struct connections *connections, const struct footprint_item *item,
			    uint64_t now)
{
	struct lifetimes *queue = &connections->due[item - connections->footprint->items];
	const struct lifetime *first;

	while ((first = lifetimes_first(queue)) && first->due <= now) {
		struct connection *connection = table_find(&connections->table, first->fd);

		if (connection && connection->serial == first->serial)
			holding_give(connection, item, &connections->account);
		lifetimes_pop(queue);
	}
	return first ? first->due : UINT64_MAX;
}

uint64_t connections_expire(struct connections *connections, uint64_t now)
{
	const struct footprint *footprint = connections->footprint;
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < footprint->item_count; i++)
		if (footprint->items[i].lifetime)
			next = MIN(next, expire_item(connections, &footprint->items[i], now));
	return next;
}

void connections_trim(struct connections *connections)
{
	uint64_t held;

	table_trim(&connections->table);
	held = table_held(&connections->table);
	for (uint32_t i = 0; i < connections->footprint->item_count; i++) {
		lifetimes_trim(&connections->due[i]);
		held += extent_held(&connections->due[i].entries);
	}
	connections->account.table_bytes = held;
}

void connections_free(struct connections *connections)
{
	while (connections->table.count)
		connections_close(connections, table_at(&connections->table, 0));
	table_free(&connections->table);
	for (uint32_t i = 0; i < connections->footprint->item_count; i++)
		lifetimes_free(&connections->due[i]);
}
