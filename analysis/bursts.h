/*
 * bursts.h - the bursts of a run, and the quiet time behind each of them.
 */
#ifndef ANALYSIS_BURSTS_H
#define ANALYSIS_BURSTS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/recording.h"

struct burst {
	const struct phase *phase;
	/*
	 * When the server closed the last of its connections: the latest such stamp that a sample
	 * shows between the burst's start and the end below. Where the server keeps none (it is not
	 * ours) or has closed nothing, pulse's word: the end of the burst's phase.
	 */
	uint64_t last_close;
	/*
	 * End of the gap or window behind the burst. Not the next burst's start: before that, pulse
	 * closes the survivors.
	 */
	uint64_t end;
};

/*
 * Gives an array for the caller to free; the last burst's gap is the window. Returns 0, -ENODATA
 * when there is no burst, or -ENOMEM.
 */
int bursts_find(const struct recording *recording, struct burst **bursts, size_t *count);

/* How many a recording has. */
size_t bursts_count(const struct recording *recording);

/* The time that every burst was followed by: floors over different times would not compare. */
uint64_t bursts_shortest_quiet(const struct burst *bursts, size_t count);

#endif
