/*
 * table.h - the connection table of one loop: descriptor -> 4-byte index -> dense, movable record.
 *
 * Records stand without gaps, so that after a burst they fill as few pages as there are survivors:
 * a record that leaves is replaced by the last one. Pointers to records are therefore valid only
 * until the next insertion or removal; descriptors are what lasts. The table grows and shrinks
 * with what is open and is never sized from a limit.
 */
#ifndef SERVER_TABLE_H
#define SERVER_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "server/connection.h"
#include "server/extent.h"
#include "server/index.h"

struct table {
	struct index *index;   /* shared with the other loops of the process */
	struct extent records; /* of stride bytes each */
	size_t stride;
	uint32_t count;
	uint32_t serial; /* of the newest connection */
};

/* blocks: how many block pointers each record has. The index must outlive the table. */
void table_init(struct table *table, struct index *index, size_t blocks);

/* Adds a record, with all blocks NULL. Returns NULL when there is no memory. */
struct connection *table_insert(struct table *table, int fd);

/* NULL when the descriptor is not in the table. */
struct connection *table_find(const struct table *table, int fd);

/* The record at a place from 0 to count - 1, for walking; removal moves the last one there. */
struct connection *table_at(const struct table *table, uint32_t place);

void table_remove(struct table *table, int fd);

/* Gives unused pages back. Cheap when there are none; call it once an iteration. */
void table_trim(struct table *table);

/* Bytes of memory that the records hold. */
size_t table_held(const struct table *table);

void table_free(struct table *table);

#endif
