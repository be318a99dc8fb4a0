/*
 * bootstrap.c - how far a median of few repeats can be trusted. See bootstrap.h.
 */
#include "analysis/bootstrap.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#define SEED 20261121

struct bootstrap {
	gsl_rng *random;
	double medians[BOOTSTRAP_RESAMPLES];
};

/* One end of each observation in ascending order, and room to count how often each was drawn. */
struct ends {
	double *sorted;
	size_t *drawn;
	size_t count;
};

struct bootstrap *bootstrap_new(void)
{
	struct bootstrap *bootstrap = calloc(1, sizeof(*bootstrap));

	if (!bootstrap)
		return NULL;
	bootstrap->random = gsl_rng_alloc(gsl_rng_taus2);
	if (bootstrap->random)
		return bootstrap;
	free(bootstrap);
	return NULL;
}

void bootstrap_free(struct bootstrap *bootstrap)
{
	if (bootstrap)
		gsl_rng_free(bootstrap->random);
	free(bootstrap);
}

static void ends_free(struct ends *ends)
{
	free(ends->sorted);
	free(ends->drawn);
}

static int ends_sort(struct ends *ends, const struct range *values, size_t count, size_t offset)
{
	ends->count = count;
	ends->sorted = calloc(count, sizeof(*ends->sorted));
	ends->drawn = calloc(count, sizeof(*ends->drawn));
	if (!ends->sorted || !ends->drawn) {
		ends_free(ends);
		return -ENOMEM;
	}
	for (size_t i = 0; i < count; i++)
		memcpy(&ends->sorted[i], (const char *)&values[i] + offset, sizeof(double));
	gsl_sort(ends->sorted, 1, count);
	return 0;
}

static double middle_of(const struct ends *ends)
{
	return gsl_stats_median_from_sorted_data(ends->sorted, 1, ends->count);
}

int range_median(struct range *median, const struct range *values, size_t count)
{
	struct ends ends;
	int error = ends_sort(&ends, values, count, offsetof(struct range, low));

	if (error)
		return error;
	median->low = middle_of(&ends);
	ends_free(&ends);
	error = ends_sort(&ends, values, count, offsetof(struct range, high));
	if (error)
		return error;
	median->high = middle_of(&ends);
	ends_free(&ends);
	return 0;
}

/* The median of as many values drawn with replacement. As they are sorted, counting finds it. */
static double resample(struct bootstrap *bootstrap, struct ends *ends)
{
	size_t lower = (ends->count - 1) / 2, upper = ends->count / 2, seen = 0;
	double first = 0;

	memset(ends->drawn, 0, ends->count * sizeof(*ends->drawn));
	for (size_t i = 0; i < ends->count; i++)
		ends->drawn[gsl_rng_uniform_int(bootstrap->random, ends->count)]++;
	for (size_t i = 0;; i++) {
		if (seen <= lower && lower < seen + ends->drawn[i])
			first = ends->sorted[i];
		seen += ends->drawn[i];
		if (upper < seen)
			return (first + ends->sorted[i]) / 2;
	}
}

/* Of the sorted resamples; outwards to a whole one, as between finite and infinite lies nothing. */
static double quantile(const struct bootstrap *bootstrap, double share, double (*outwards)(double))
{
	return bootstrap->medians[(size_t)outwards(share * (BOOTSTRAP_RESAMPLES - 1))];
}

static void draw(struct bootstrap *bootstrap, struct ends *a, struct ends *b)
{
	gsl_rng_set(bootstrap->random, SEED);
	for (size_t i = 0; i < BOOTSTRAP_RESAMPLES; i++) {
		bootstrap->medians[i] = resample(bootstrap, a);
		if (b)
			bootstrap->medians[i] -= resample(bootstrap, b);
	}
	gsl_sort(bootstrap->medians, 1, BOOTSTRAP_RESAMPLES);
}

/*
 * How many values lie outside of the exact interval on each side: the median lies below the k-th
 * smallest of n values when at most k - 1 of n tosses of a coin fall on that side.
 */
static size_t outside(size_t count, double confidence)
{
	unsigned int rank = 0;

	while (2 * gsl_cdf_binomial_P(rank, 0.5, (unsigned int)count) <= 1 - confidence)
		rank++;
	return rank ? rank - 1 : 0;
}

/* Nothing is open on either side, so that one draw gives both ends of an interval. */
static bool are_exact(const struct range *values, size_t count)
{
	while (count && values[count - 1].low == values[count - 1].high)
		count--;
	return !count;
}

int bootstrap_median(struct bootstrap *bootstrap, struct range *interval,
		     const struct range *values, size_t count, double confidence)
{
	double tail = (1 - confidence) / 2;
	size_t rank = outside(count, confidence);
	struct ends ends;
	int error = ends_sort(&ends, values, count, offsetof(struct range, low));

	if (error)
		return error;
	draw(bootstrap, &ends, NULL);
	interval->low = fmin(quantile(bootstrap, tail, floor), ends.sorted[rank]);
	if (!are_exact(values, count)) {
		ends_free(&ends);
		error = ends_sort(&ends, values, count, offsetof(struct range, high));
		if (error)
			return error;
		draw(bootstrap, &ends, NULL);
	}
	interval->high = fmax(quantile(bootstrap, 1 - tail, ceil), ends.sorted[count - 1 - rank]);
	ends_free(&ends);
	return 0;
}

/* The lower ends of a with the upper ends of b, or the other way round. */
static int draw_difference(struct bootstrap *bootstrap, const struct range *a, size_t a_count,
			   size_t a_offset, const struct range *b, size_t b_count, size_t b_offset)
{
	struct ends ends_a, ends_b;
	int error = ends_sort(&ends_a, a, a_count, a_offset);

	if (error)
		return error;
	error = ends_sort(&ends_b, b, b_count, b_offset);
	if (!error) {
		draw(bootstrap, &ends_a, &ends_b);
		ends_free(&ends_b);
	}
	ends_free(&ends_a);
	return error;
}

int bootstrap_difference(struct bootstrap *bootstrap, struct range *interval, const struct range *a,
			 size_t a_count, const struct range *b, size_t b_count, double confidence)
{
	const size_t low = offsetof(struct range, low), high = offsetof(struct range, high);
	double tail = (1 - confidence) / 2;
	int error = draw_difference(bootstrap, a, a_count, low, b, b_count, high);

	if (error)
		return error;
	interval->low = quantile(bootstrap, tail, floor);
	if (!are_exact(a, a_count) || !are_exact(b, b_count))
		error = draw_difference(bootstrap, a, a_count, high, b, b_count, low);
	interval->high = quantile(bootstrap, 1 - tail, ceil);
	return error;
}

double bootstrap_reach(size_t count)
{
	return count ? 1 - ldexp(1, 1 - (int)MIN(count, 1000u)) : 0;
}

size_t bootstrap_needed(double confidence)
{
	size_t count = 1;

	while (bootstrap_reach(count) < confidence)
		count++;
	return count;
}
