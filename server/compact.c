/*
 * compact.c - walks the blocks of one loop's connections. See compact.h.
 */
#include "server/compact.h"

#include "server/base/clock.h"
#include "server/base/units.h"
#include "server/holding.h"

#define STEP  (NS_PER_MS / 2)
#define BATCH 16u /* connections between two looks at the clock */
#define WALKS 4u

/* The blocks of the next connections. A table that shrank meanwhile ends the walk early. */
static void walk(struct compact *compact, struct connections *connections)
{
	struct table *table = &connections->table;

	for (uint32_t i = 0; i < BATCH && compact->place < table->count; i++)
		compact->moved |= holding_move(table_at(table, compact->place++),
					       connections->footprint);
}

bool compact_step(struct compact *compact, struct connections *connections)
{
	uint64_t end = clock_now() + STEP;

	do {
		walk(compact, connections);
		if (compact->place < connections->table.count)
			continue;
		compact->place = 0;
		if (!compact->moved || ++compact->walks == WALKS) {
			*compact = (struct compact){ 0 };
			return false;
		}
		compact->moved = false;
	} while (clock_now() < end);
	return true;
}
