/*
 * holding.h - takes the blocks of a footprint for one connection, and gives them back.
 *
 * Keeps live bytes and blocks of the account exact at every step. Does not know when.
 */
#ifndef SERVER_HOLDING_H
#define SERVER_HOLDING_H

#include <stdbool.h>

#include "server/base/status.h"
#include "server/connection.h"
#include "server/footprint.h"

/* Takes the blocks of one item, touched. -ENOMEM: some may have been taken. */
int holding_take(struct connection *connection, const struct footprint_item *item,
		 struct status_slot *account);

/* Gives back those of its blocks that are taken. */
void holding_give(struct connection *connection, const struct footprint_item *item,
		  struct status_slot *account);

void holding_give_all(struct connection *connection, const struct footprint *footprint,
		      struct status_slot *account);

/*
 * Offers the block of that place, or behind the last one what is remembered of the dialog, to an
 * allocator that can move it. Returns whether it moved.
 */
bool holding_move(struct connection *connection, const struct footprint *footprint, uint32_t place);

#endif
