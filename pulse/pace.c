/*
 * pace.c - the plan of an open loop. See pace.h.
 */
#include "pulse/pace.h"

#include <sys/param.h>

#include "server/base/units.h"

uint64_t pace_planned(const struct pace *pace, uint64_t operation)
{
	return pace->start + (uint64_t)((unsigned __int128)operation * NS_PER_S / pace->rate);
}

/* The first operation planned at that moment or later, as pace_planned() rounds down. */
uint64_t pace_until(const struct pace *pace, uint64_t moment)
{
	uint64_t passed = MIN(moment, pace->end) - pace->start;

	if (MIN(moment, pace->end) <= pace->start)
		return 0;
	return (uint64_t)(((unsigned __int128)passed * pace->rate + NS_PER_S - 1) / NS_PER_S);
}

uint64_t pace_left(const struct pace *pace, uint64_t operation)
{
	uint64_t all = pace_until(pace, pace->end);

	return operation < all ? (all - operation - 1) / pace->turns + 1 : 0;
}
