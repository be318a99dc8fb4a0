/*
 * set.h - a set of page numbers that finds its lowest member in four steps.
 *
 * A tree of bitmaps, 64 ways: a bit of a level says that the word below it has a bit. Memory is
 * touched only where members are. Knows nothing of what the numbers stand for; the caller locks.
 */
#ifndef ALLOCATORS_SLAB_SET_H
#define ALLOCATORS_SLAB_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "allocators/slab/stretch.h"

#define SET_LEVELS 4
#define SET_LIMIT  (1u << (6 * SET_LEVELS)) /* members are below it */
#define SET_NONE   UINT32_MAX

struct set {
	uint64_t *levels[SET_LEVELS]; /* 0: a bit for each member; NULL: none can be one yet */
	struct stretch stretch;	      /* that they stand in */
};

/*
 * Has the set take members below end, and all that it has taken before. Until then it is empty, and
 * asked for nothing but the lowest. Returns 0 or -ENOMEM.
 */
int set_reach(struct set *set, uint32_t end);

void set_add(struct set *set, uint32_t member);

void set_remove(struct set *set, uint32_t member);

bool set_has(const struct set *set, uint32_t member);

/* The lowest member, or SET_NONE. */
uint32_t set_first(const struct set *set);

#endif
