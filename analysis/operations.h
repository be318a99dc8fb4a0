/*
 * operations.h - what was asked and answered on the connections of one run: pulse's traffic.csv.
 *
 * A run of which nothing is said (protocol idle), or an older one, has no rows. An operation is a
 * request and its answer or, in a feed, a chunk. The figures, all of the last burst, while its
 * connections lingered:
 *
 *   operations   answered within the window in which requests were issued, a second
 *   p50, p99     from the time at which an operation was planned until its answer was there; of a
 *                feed, how much later a chunk came than its period says
 *   CPU          CPU time of the server (usage.h) in that window, over the operations answered in
 *                it. It has all that the server did meanwhile: the answers, and what is released
 *
 * All are absent, never 0, where nothing was answered within the window, or there was none.
 */
#ifndef ANALYSIS_OPERATIONS_H
#define ANALYSIS_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/rows.h"
#include "analysis/usage.h"
#include "server/base/record.h"

struct operations {
	struct traffic_row *rows;
	size_t count;
};

/*
 * Reads traffic.csv of folder. Returns 0, or -errno with one line in why, and then there is nothing
 * to free.
 */
int operations_load(struct operations *operations, const char *folder, char why[ROWS_WHY]);

void operations_free(struct operations *operations);

/* Does each row belong to a phase, and its window lie in it? Returns as operations_load() does. */
int operations_check(const struct operations *operations, const struct phase *phases, size_t count,
		     char why[ROWS_WHY]);

/* The row of that phase, or NULL where nothing was said in it. */
const struct traffic_row *operations_of(const struct operations *operations,
					const struct phase *phase);

/* A second; NAN where nothing was answered within a window. */
double operations_rate(const struct traffic_row *row);

/*
 * ns of CPU time between two moments, without that of windows among them: in a closed loop who is
 * faster answers more, and is no dearer for it. NAN as usage_between().
 */
double operations_apart(const struct operations *operations, const struct usage *usage,
			uint64_t from, uint64_t to);

/* Was anything asked between two moments? A feed's chunks count only while its bursts linger. */
bool operations_between(const struct operations *operations, uint64_t from, uint64_t to);

#endif
