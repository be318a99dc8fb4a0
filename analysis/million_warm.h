/*
 * million_warm.h - memory that is touched before the connections take it.
 *
 * A virtual machine's host may take free pages back within seconds and have the next touch of each
 * cost ten times as much. So this memory is held until it is needed, and given back only a little
 * ahead of what the connections take.
 */
#ifndef ANALYSIS_MILLION_WARM_H
#define ANALYSIS_MILLION_WARM_H

#include <stdint.h>

#include "analysis/million.h"

struct million_warm {
	char *memory;
	uint64_t mapped; /* bytes */
	uint64_t wanted; /* or what the memory floor has left of it */
	uint64_t held;	 /* the first ones */
};

/*
 * Touches so many bytes, as far as the memory floor and the time (of clock_now(), ns) allow.
 * Returns 0, -EINTR, or -ENOMEM with nothing held.
 */
int million_warm_take(struct million_warm *warm, const struct million *million, uint64_t bytes,
		      uint64_t until);

/* So many bytes are taken by now: gives back as much, and what comes next. */
void million_warm_give(struct million_warm *warm, uint64_t taken);

void million_warm_free(struct million_warm *warm);

#endif
