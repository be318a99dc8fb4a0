/*
 * comparison.h - two experiments against each other: what may be compared, and how it differs.
 *
 * Another kernel, machine or allocator version is what one compares for; another load is not.
 * Blocks are not shared between experiments, so medians are compared, not pairs.
 */
#ifndef ANALYSIS_COMPARISON_H
#define ANALYSIS_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/summary.h"

struct comparison_row {
	const struct summary_row *a, *b;
	struct difference differences[METRIC_COUNT]; /* b - a */
};

struct comparison {
	const struct summary *a, *b;
	const char *renames; /* "jemalloc=jemalloc@dev,...": the name in a, and in b; or NULL */
	struct comparison_row *rows;
	size_t count;
};

#define COMPARISON_WHY 512

/*
 * Pairs the rows that agree in all factors; a factor that has one value in each of the two but
 * not the same one does not count, as comparison_obstacles() names it. Both summaries must outlive
 * the comparison. Returns 0, -ENODATA when no row has its like with a line in why, or -ENOMEM.
 */
int comparison_build(struct comparison *comparison, const struct summary *a,
		     const struct summary *b, const char *renames, char why[COMPARISON_WHY]);

void comparison_free(struct comparison *comparison);

/* Calls each for every reason why the two should not be compared: another load, another window. */
void comparison_obstacles(const struct comparison *comparison,
			  void (*each)(void *context, const char *text), void *context);

/* Calls each for all else that is not alike: kernel, CPU, THP, memory, versions of allocators. */
void comparison_circumstances(const struct comparison *comparison,
			      void (*each)(void *context, const char *what, const char *a,
					   const char *b),
			      void *context);

/* Is the row one of the comparison's? */
bool comparison_holds(const struct comparison *comparison, const struct summary_row *row);

#endif
