/*
 * survivors.c - which connections of a burst stay open behind it. See survivors.h.
 */
#include "pulse/survivors.h"

#include <sys/param.h>

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014). */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* From 0 to bound - 1; the bias is below bound / 2^64. */
static uint64_t random_below(uint64_t *state, uint64_t bound)
{
	return (uint64_t)(((unsigned __int128)next_random(state) * bound) >> 64);
}

void survivors_seed(struct survivors *survivors, enum survivor_order order, uint64_t seed)
{
	*survivors = (struct survivors){ .order = order, .random = seed };
}

void survivors_begin(struct survivors *survivors, uint64_t wanted, uint64_t open)
{
	survivors->wanted = MIN(wanted, open);
	survivors->left = open;
}

/* Scattered is selection sampling: Knuth, TAOCP 2, 3.4.2, algorithm S. */
bool survivors_next(struct survivors *survivors)
{
	bool stays = false;

	switch (survivors->order) {
	case SURVIVORS_SCATTERED:
		stays = random_below(&survivors->random, survivors->left) < survivors->wanted;
		break;
	case SURVIVORS_OLDEST:
		stays = survivors->wanted > 0;
		break;
	case SURVIVORS_NEWEST:
		stays = survivors->left <= survivors->wanted;
		break;
	}
	survivors->left--;
	survivors->wanted -= stays;
	return stays;
}
