/*
 * pace.c - the plan of an open loop. See pace.h.
 */
#include "pulse/pace.h"

#include <sys/param.h>

#include "server/base/units.h"

uint64_t pace_planned(const struct pace *pace, uint64_t operation)
{
	unsigned __int128 number = (unsigned __int128)operation * pace->loops + pace->index;

	return pace->start + (uint64_t)(number * NS_PER_S / pace->rate);
}

/* The first operation planned at that moment or later, as pace_planned() rounds down. */
uint64_t pace_until(const struct pace *pace, uint64_t moment)
{
	uint64_t limit = MIN(moment, pace->end);
	uint64_t all;

	if (limit <= pace->start)
		return 0;
	all = (uint64_t)(((unsigned __int128)(limit - pace->start) * pace->rate + NS_PER_S - 1) /
			 NS_PER_S);
	return all > pace->index ? (all - pace->index - 1) / pace->loops + 1 : 0;
}

uint64_t pace_left(const struct pace *pace, uint64_t operation)
{
	uint64_t all = pace_until(pace, pace->end);

	return operation < all ? (all - operation - 1) / pace->turns + 1 : 0;
}
