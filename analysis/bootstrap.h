/*
 * bootstrap.h - how far a median of few repeats can be trusted.
 *
 * Knows numbers only. An observation is a range: what is known exactly has two equal ends, what is
 * censored is open on one side (INFINITY). So nothing has to be invented for what was not seen: the
 * lower ends say how low the true median may be, the upper ends how high.
 *
 * The interval is the percentile bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap,
 * chapter 13), where needed widened to the exact one that follows from ranks alone (Thompson 1936;
 * the sign test inverted): of 6 to 10 values the bootstrap by itself is too narrow, see
 * docs/decisions/0009.
 */
#ifndef ANALYSIS_BOOTSTRAP_H
#define ANALYSIS_BOOTSTRAP_H

#include <stddef.h>

#define BOOTSTRAP_RESAMPLES 2000

struct range {
	double low, high;
};

struct bootstrap;

/* Seeded with a constant: the same numbers give the same interval. NULL: no memory. */
struct bootstrap *bootstrap_new(void);
void bootstrap_free(struct bootstrap *bootstrap);

/* The median of the lower ends, and that of the upper ends. Returns 0, or -ENOMEM. count > 0. */
int range_median(struct range *median, const struct range *values, size_t count);

/*
 * The interval of the median of count > 0 values, at that confidence (0.95). Where so few values
 * cannot reach it, their whole range. Returns 0 or -ENOMEM.
 */
int bootstrap_median(struct bootstrap *bootstrap, struct range *interval,
		     const struct range *values, size_t count, double confidence);

/*
 * The interval of the difference of two medians of independent values, a - b: the percentile
 * bootstrap alone. Returns 0 or -ENOMEM.
 */
int bootstrap_difference(struct bootstrap *bootstrap, struct range *interval, const struct range *a,
			 size_t a_count, const struct range *b, size_t b_count, double confidence);

/*
 * The highest confidence that the range of so many values can have for their median, whatever
 * their distribution: 1 - 2^(1 - count).
 */
double bootstrap_reach(size_t count);

/* The fewest values whose range reaches that confidence. */
size_t bootstrap_needed(double confidence);

#endif
