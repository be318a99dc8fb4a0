/*
 * compact.c - walks the blocks of one loop's connections. See compact.h.
 */
#include "server/compact.h"

#include "server/holding.h"

#define WALKS 4u

/* The record may have changed since the last step: then the other misses some blocks. */
static void offer(struct compact *compact, struct connections *connections)
{
	struct connection *connection = table_at(&connections->table, compact->place);

	compact->moved |= holding_move(connection, connections->footprint, compact->block);
	if (compact->block++ < connections->footprint->block_count)
		return;
	compact->block = 0;
	compact->place++;
}

/* A table that shrank meanwhile ends the walk early. */
bool compact_step(struct compact *compact, struct connections *connections)
{
	if (compact->place < connections->table.count)
		offer(compact, connections);
	if (compact->place < connections->table.count)
		return true;
	compact->place = compact->block = 0;
	compact->walks++;
	if (!compact->moved || compact->walks == WALKS) {
		*compact = (struct compact){ 0 };
		return false;
	}
	compact->moved = false;
	return true;
}
