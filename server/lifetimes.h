/*
 * lifetimes.h - which blocks are due to be given back, in the order of their time.
 *
 * All blocks of one item of a footprint live equally long, so what is taken first is due first: a
 * queue an item, no heap and no wheel. A tick counts from the one before, which may be late: it is
 * put where it belongs. An entry names its connection by descriptor and serial number; when that
 * one is gone by then, the entry is void and is passed over.
 */
#ifndef SERVER_LIFETIMES_H
#define SERVER_LIFETIMES_H

#include <stdint.h>

#include "server/extent.h"

struct lifetime {
	uint64_t due; /* ns */
	int32_t fd;
	uint32_t serial;
};

struct lifetimes {
	struct extent entries;
	uint64_t head; /* the first entry that waits */
	uint64_t tail; /* one behind the last */
};

/*
 * Returns 0 or -ENOMEM. Among those that are due at the same time, behind them. Costs a step for
 * each entry that is due later: none, but for a tick that was served late, which passes those that
 * were pushed since it was due.
 */
int lifetimes_push(struct lifetimes *queue, struct lifetime entry);

/* The first entry, or NULL. Valid until the next call that changes the queue. */
const struct lifetime *lifetimes_first(const struct lifetimes *queue);

/* Drops the first entry. */
void lifetimes_pop(struct lifetimes *queue);

/* Gives unused pages back. */
void lifetimes_trim(struct lifetimes *queue);

void lifetimes_free(struct lifetimes *queue);

#endif
