/*
 * usage.h - the CPU time of the server in one run: of all its processes together, and of each
 * thread.
 *
 * A run may have none of it: an older probe. The figures that are made of it:
 *
 *   user, system  CPU time of all processes of the server from the first burst's start to the end
 *                 of the window, less that of windows in which it was asked (operations.h). Their
 *                 sum is exact (cpu.csv); how it is shared between the two is the kernel's
 *                 estimate (threads.csv), over the readings around that time
 *   connection    CPU time from the last burst's start to its last close, less the same, over the
 *                 connections that it established: what accepting, holding and closing one costs
 */
#ifndef ANALYSIS_USAGE_H
#define ANALYSIS_USAGE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/rows.h"
#include "server/base/record.h"

struct usage {
	struct cpu_row *totals; /* times ascend, and the time used as well */
	size_t total_count;
	struct thread_row *threads; /* in the same order of time */
	size_t thread_count;
};

/*
 * Reads cpu.csv and threads.csv of folder. One that is not there has no rows. Returns 0, or -errno
 * with one line in why, and then there is nothing to free.
 */
int usage_load(struct usage *usage, const char *folder, char why[ROWS_WHY]);

void usage_free(struct usage *usage);

/* ns of CPU time between two moments; NAN where the record does not span them. */
double usage_between(const struct usage *usage, uint64_t from, uint64_t to);

/*
 * The share of user time in that, from the readings of threads around these moments; NAN where it
 * is not known.
 */
double usage_user_share(const struct usage *usage, uint64_t from, uint64_t to);

/* The reading of all threads that begins with the i-th row: where the next one begins. */
size_t usage_reading_end(const struct usage *usage, size_t i);

#endif
