/*
 * decay.h - for how long an allocator waits before it hands memory back of its own accord.
 *
 * The one place in analysis that knows allocators by name, and only to warn: a window that is short
 * against such a delay cannot tell memory that is kept from memory that is not back yet.
 */
#ifndef ANALYSIS_DECAY_H
#define ANALYSIS_DECAY_H

#include <jansson.h>
#include <stdint.h>

#define DECAY_WINDOWS 4 /* a window of so many decays can judge */

/*
 * The longest delay of that allocator ("jemalloc", "jemalloc@dev") in ns, by its defaults and by
 * tune, an array of "KEY=VALUE" (may be NULL). 0: it has none, or never gives back by itself.
 */
uint64_t decay_longest(const char *allocator, const json_t *tune);

#endif
