/*
 * compact.h - walks the blocks of one loop's connections, so that an allocator which can move them
 * puts the survivors of a burst together.
 *
 * In bounded steps, on the loop's own thread, between two iterations: nobody else has a pointer to
 * a block. Does not know which block should stand where; that is the plug-in's art.
 */
#ifndef SERVER_COMPACT_H
#define SERVER_COMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "server/connections.h"

/* All zero when no walk is under way. */
struct compact {
	uint32_t place; /* of the connection that is next */
	uint32_t walks; /* that are over */
	bool moved;	/* something, in this walk */
};

/*
 * Begins a walk or goes on with it, for half a millisecond or so. Returns whether there is more to
 * do: walks are repeated until one finds nothing to move, or until there were enough of them, as
 * with traffic there may always be something.
 */
bool compact_step(struct compact *compact, struct connections *connections);

#endif
