/*
 * estimate.h - one metric over the repeats of a run: the median, and its interval.
 */
#ifndef ANALYSIS_ESTIMATE_H
#define ANALYSIS_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/bootstrap.h"
#include "analysis/metrics.h"

#define ESTIMATE_CONFIDENCE 0.95

/* In the metric's unit. INFINITY: beyond what was seen ("> window"). */
struct interval {
	struct range range;
	double confidence; /* ESTIMATE_CONFIDENCE, or less where there are too few; 0: no interval
			    */
	size_t count;	   /* repeats in which the metric is there */
};

/* Is a censored value of it one that the true one is at least? Else it is at most that. */
bool estimate_is_least(enum metric metric);

/*
 * What is known of the true value: a censored time or waste is at least its bound, a censored floor
 * at most. The measure is not absent.
 */
struct range estimate_range(enum metric metric, const struct measure *measure);

/*
 * The median over repeats. Those where the metric is absent do not count; where there are censored
 * times (or wastes) among them it is the Kaplan-Meier median: the time by which at least half were
 * done, as far as those tell that were watched for so long; itself censored, at the middle one,
 * when fewer were. An upper bound (floor) among them makes the median one, a doubtful value a
 * doubtful one. Of sources the coarsest counts. values is reordered.
 */
struct measure estimate_median(enum metric metric, struct measure *values, size_t count);

/* Needs two repeats at least; else its confidence is 0. Returns 0 or -ENOMEM. */
int estimate_interval(struct bootstrap *bootstrap, struct interval *interval, enum metric metric,
		      const struct measure *values, size_t count);

#endif
