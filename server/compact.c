/*
 * compact.c - walks the blocks of one loop's connections. See compact.h.
 */
#include "server/compact.h"

#include "server/holding.h"

#define WALKS 4u

/* A table that shrank meanwhile ends the walk early. */
bool compact_step(struct compact *compact, struct connections *connections)
{
	struct table *table = &connections->table;

	if (compact->place < table->count)
		compact->moved |= holding_move(table_at(table, compact->place++),
					       connections->footprint);
	if (compact->place < table->count)
		return true;
	compact->place = 0;
	compact->walks++;
	if (!compact->moved || compact->walks == WALKS) {
		*compact = (struct compact){ 0 };
		return false;
	}
	compact->moved = false;
	return true;
}
