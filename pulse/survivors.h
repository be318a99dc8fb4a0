/*
 * survivors.h - which connections of a burst stay open behind it.
 *
 * They are asked about one by one, in the order in which they connected, so that choosing takes no
 * memory. Exactly as many stay as were wanted, or all when there are fewer.
 */
#ifndef PULSE_SURVIVORS_H
#define PULSE_SURVIVORS_H

#include <stdbool.h>
#include <stdint.h>

enum survivor_order {
	SURVIVORS_SCATTERED, /* each set of that size is equally likely */
	SURVIVORS_OLDEST,    /* those that connected first */
	SURVIVORS_NEWEST,
};

struct survivors {
	enum survivor_order order;
	uint64_t random; /* state of the generator */
	uint64_t wanted; /* still to be chosen */
	uint64_t left;	 /* connections still to be asked about */
};

/* The same seed gives the same choices. */
void survivors_seed(struct survivors *survivors, enum survivor_order order, uint64_t seed);

/* Before a burst is closed: wanted of its open connections are to stay. */
void survivors_begin(struct survivors *survivors, uint64_t wanted, uint64_t open);

/* Whether the next one stays. */
bool survivors_next(struct survivors *survivors);

#endif
