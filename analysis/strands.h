/*
 * strands.h - who of a server's threads used the CPU when: the bands of the figure of CPU time.
 *
 * How much was used is from cpu.csv, every 10 ms; by whom is from threads.csv, every second: within
 * such a second, CPU time is shared out among the threads as over the whole of it.
 */
#ifndef ANALYSIS_STRANDS_H
#define ANALYSIS_STRANDS_H

#include <stdint.h>

#include "analysis/load.h"

#define STRANDS_MOST	7 /* the last one: all others */
#define STRANDS_COLUMNS 160
#define STRANDS_NAME	(RECORD_NAME + 24)

struct strand {
	char name[STRANDS_NAME]; /* with the number of the thread where another has the same */
	uint64_t pid, thread;
	double used;		      /* ns over all columns */
	double busy[STRANDS_COLUMNS]; /* percent of one CPU; NAN where it was not recorded */
};

struct strands {
	const struct run *run;
	struct strand list[STRANDS_MOST]; /* the busiest first */
	size_t count;
	double edges[STRANDS_COLUMNS + 1]; /* of the columns, in seconds; even by their logarithm */
	size_t columns;
	double top; /* highest sum, percent */
};

/*
 * Reckons from the first burst's start on, up to so many seconds later. Those of all others stand
 * last, if there are any. Returns 0, -ENODATA when the run has no record of CPU time, or -ENOMEM.
 */
int strands_build(struct strands *strands, const struct run *run, double earliest, double latest);

#endif
