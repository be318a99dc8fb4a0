/*
 * table.c - the connection table. See table.h.
 */
#include "server/table.h"

#include <string.h>

void table_init(struct table *table, struct index *index, size_t blocks)
{
	memset(table, 0, sizeof(*table));
	table->index = index;
	table->stride = connection_size(blocks);
}

struct connection *table_at(const struct table *table, uint32_t place)
{
	return (struct connection *)(table->records.memory + place * table->stride);
}

struct connection *table_insert(struct table *table, int fd)
{
	struct connection *connection;

	if (extent_reserve(&table->records, (table->count + 1) * table->stride) ||
	    index_set(table->index, fd, table->count))
		return NULL;
	connection = table_at(table, table->count++);
	memset(connection, 0, table->stride);
	connection->fd = fd;
	connection->serial = ++table->serial & CONNECTION_SERIAL;
	return connection;
}

struct connection *table_find(const struct table *table, int fd)
{
	uint32_t place = index_find(table->index, fd);
	struct connection *connection;

	/* The place may be one in the table of another loop, which has that descriptor by now. */
	if (place >= table->count)
		return NULL;
	connection = table_at(table, place);
	return connection->fd == fd ? connection : NULL;
}

void table_remove(struct table *table, int fd)
{
	uint32_t place = index_find(table->index, fd);
	struct connection *last = table_at(table, --table->count);

	index_clear(table->index, fd);
	if (place == table->count)
		return;
	memcpy(table_at(table, place), last, table->stride);
	index_move(table->index, last->fd, place);
}

void table_trim(struct table *table)
{
	extent_trim(&table->records, table->count * table->stride);
}

size_t table_held(const struct table *table)
{
	return extent_held(&table->records);
}

void table_free(struct table *table)
{
	extent_free(&table->records);
}
