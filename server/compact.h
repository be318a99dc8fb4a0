/*
 * compact.h - walks the blocks of one loop's connections, so that an allocator which can move them
 * puts the survivors of a burst together.
 *
 * On the loop's own thread, between two iterations: nobody else has a pointer to a block. Knows
 * neither which block should stand where, which is the plug-in's art, nor how long a loop may be
 * kept from its connections.
 */
#ifndef SERVER_COMPACT_H
#define SERVER_COMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "server/connections.h"

/* All zero when no walk is under way. */
struct compact {
	uint32_t place; /* of the connection that is next */
	uint32_t block; /* of it; behind the last one stands its dialog */
	uint32_t walks; /* that are over */
	bool moved;	/* something, in this walk */
};

/*
 * Offers the next block; no more, as a connection may have 256 of them to be copied into pages that
 * are not there yet. Returns whether there is more to do: walks are repeated until one finds
 * nothing to move, or until there were enough of them, as with traffic there may always be
 * something.
 */
bool compact_step(struct compact *compact, struct connections *connections);

#endif
