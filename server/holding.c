/*
 * holding.c - the blocks of one connection. See holding.h.
 */
#include "server/holding.h"

#include <errno.h>
#include <string.h>

#include "allocators/allocator.h"
#include "server/dialog.h"

int holding_take(struct connection *connection, const struct footprint_item *item,
		 struct status_slot *account)
{
	for (uint32_t i = item->first; i < item->first + item->count; i++) {
		void *block = allocator.take(item->size);

		if (!block)
			return -ENOMEM;
		/* A server writes what it asks for; memory that nobody touches is not resident. */
		memset(block, 0xa5, item->size);
		connection->blocks[i] = block;
		account->live_bytes += item->size;
		account->live_blocks++;
	}
	return 0;
}

void holding_give(struct connection *connection, const struct footprint_item *item,
		  struct status_slot *account)
{
	for (uint32_t i = item->first; i < item->first + item->count; i++) {
		if (!connection->blocks[i])
			continue;
		allocator.give(connection->blocks[i], item->size);
		connection->blocks[i] = NULL;
		account->live_bytes -= item->size;
		account->live_blocks--;
	}
}

void holding_give_all(struct connection *connection, const struct footprint *footprint,
		      struct status_slot *account)
{
	for (uint32_t i = 0; i < footprint->item_count; i++)
		holding_give(connection, &footprint->items[i], account);
}

static size_t size_of(const struct footprint *footprint, uint32_t block)
{
	const struct footprint_item *item = footprint->items;

	while (block >= item->first + item->count)
		item++;
	return item->size;
}

static bool move_state(struct connection *connection)
{
	struct state *state = connection->state;

	if (state)
		connection->state = allocator.move(state, state->size);
	return connection->state != state;
}

bool holding_move(struct connection *connection, const struct footprint *footprint, uint32_t place)
{
	void *block;

	if (place == footprint->block_count)
		return move_state(connection);
	block = connection->blocks[place];
	if (block)
		connection->blocks[place] = allocator.move(block, size_of(footprint, place));
	return connection->blocks[place] != block;
}
