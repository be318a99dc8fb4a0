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

#define SET_LEVELS 4
#define SET_LIMIT  (1u << (6 * SET_LEVELS)) /* members are below it */
#define SET_NONE   UINT32_MAX

struct set {
	uint64_t *levels[SET_LEVELS]; /* 0: a bit for each member; NULL: not initialised, empty */
};

/* Maps the levels of an empty set. Returns 0 or -ENOMEM. Does nothing the second time. */
int set_init(struct set *set);

void set_add(struct set *set, uint32_t member);

void set_remove(struct set *set, uint32_t member);

bool set_has(const struct set *set, uint32_t member);

/* The lowest member, or SET_NONE. */
uint32_t set_first(const struct set *set);

#endif
