/*
 * table.c - the connection table. See table.h.
 */
#include "server/table.h"

#include <string.h>
#include <sys/param.h>

static uint32_t *index_of(const struct table *table, int fd)
{
	return (uint32_t *)table->index.memory + fd;
}

void table_init(struct table *table, size_t blocks)
{
	memset(table, 0, sizeof(*table));
	table->stride = sizeof(struct connection) + blocks * sizeof(void *);
}

struct connection *table_at(const struct table *table, uint32_t place)
{
	return (struct connection *)(table->records.memory + place * table->stride);
}

struct connection *table_insert(struct table *table, int fd)
{
	struct connection *connection;

	if (extent_reserve(&table->index, ((size_t)fd + 1) * sizeof(uint32_t)) ||
	    extent_reserve(&table->records, (table->count + 1) * table->stride))
		return NULL;
	connection = table_at(table, table->count);
	memset(connection, 0, table->stride);
	connection->fd = fd;
	connection->serial = ++table->serial & 0x7fffffff;
	*index_of(table, fd) = ++table->count;
	table->top = MAX(table->top, (uint32_t)fd + 1);
	return connection;
}

struct connection *table_find(const struct table *table, int fd)
{
	uint32_t place;

	if (fd < 0 || (uint32_t)fd >= table->top)
		return NULL;
	place = *index_of(table, fd);
	return place ? table_at(table, place - 1) : NULL;
}

void table_remove(struct table *table, int fd)
{
	uint32_t place = *index_of(table, fd) - 1;
	struct connection *last = table_at(table, --table->count);

	*index_of(table, fd) = 0;
	if (place == table->count)
		return;
	memcpy(table_at(table, place), last, table->stride);
	*index_of(table, last->fd) = place + 1;
}

void table_trim(struct table *table)
{
	/* Each step down was paid for by the insertion that raised top. */
	while (table->top && !*index_of(table, (int)table->top - 1))
		table->top--;
	extent_trim(&table->index, table->top * sizeof(uint32_t));
	extent_trim(&table->records, table->count * table->stride);
}

size_t table_held(const struct table *table)
{
	return extent_held(&table->index) + extent_held(&table->records);
}

void table_free(struct table *table)
{
	extent_free(&table->index);
	extent_free(&table->records);
}
