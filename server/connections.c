/*
 * connections.c - the open connections of one loop. See connections.h.
 */
#include "server/connections.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "allocators/allocator.h"
#include "server/base/clock.h"

void connections_init(struct connections *connections, const struct footprint *footprint)
{
	memset(connections, 0, sizeof(*connections));
	connections->footprint = footprint;
	table_init(&connections->table, footprint->block_count);
}

static void give_item(struct connections *connections, struct connection *connection,
		      const struct footprint_item *item)
{
	for (uint32_t i = item->first; i < item->first + item->count; i++) {
		if (!connection->blocks[i])
			continue;
		allocator.give(connection->blocks[i], item->size);
		connection->blocks[i] = NULL;
		connections->account.live_bytes -= item->size;
		connections->account.live_blocks--;
	}
}

static int take_item(struct connections *connections, struct connection *connection,
		     const struct footprint_item *item)
{
	for (uint32_t i = item->first; i < item->first + item->count; i++) {
		void *block = allocator.take(item->size);

		if (!block)
			return -ENOMEM;
		/* A server writes what it asks for; memory that nobody touches is not resident. */
		memset(block, 0xa5, item->size);
		connection->blocks[i] = block;
		connections->account.live_bytes += item->size;
		connections->account.live_blocks++;
	}
	if (item->lifetime) {
		struct lifetimes *queue = &connections->due[item - connections->footprint->items];

		return lifetimes_push(queue,
				      (struct lifetime){ clock_now() + item->lifetime,
							 connection->fd, connection->serial });
	}
	return 0;
}

static void give_all(struct connections *connections, struct connection *connection)
{
	const struct footprint *footprint = connections->footprint;

	for (uint32_t i = 0; i < footprint->item_count; i++)
		give_item(connections, connection, &footprint->items[i]);
}

int connections_open(struct connections *connections, int fd)
{
	const struct footprint *footprint = connections->footprint;
	struct connection *connection = table_insert(&connections->table, fd);
	int error = 0;

	if (!connection)
		return -ENOMEM;
	for (uint32_t i = 0; i < footprint->item_count && !error; i++)
		if (!footprint->items[i].at_first_byte)
			error = take_item(connections, connection, &footprint->items[i]);
	if (error) {
		give_all(connections, connection);
		table_remove(&connections->table, fd);
		return error;
	}
	connections->account.opened++;
	return 0;
}

int connections_feed(struct connections *connections, int fd)
{
	const struct footprint *footprint = connections->footprint;
	struct connection *connection = table_find(&connections->table, fd);

	if (connection->fed)
		return 0;
	connection->fed = true;
	for (uint32_t i = 0; i < footprint->item_count; i++) {
		const struct footprint_item *item = &footprint->items[i];

		if (item->at_first_byte && take_item(connections, connection, item))
			return -ENOMEM;
	}
	return 0;
}

void connections_close(struct connections *connections, int fd)
{
	give_all(connections, table_find(&connections->table, fd));
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
			give_item(connections, connection, item);
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
		connections_close(connections, table_at(&connections->table, 0)->fd);
	table_free(&connections->table);
	for (uint32_t i = 0; i < connections->footprint->item_count; i++)
		lifetimes_free(&connections->due[i]);
}
