/*
 * estimate.c - one metric over the repeats of a run. See estimate.h.
 */
#include "analysis/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

bool estimate_is_least(enum metric metric)
{
	return metric == METRIC_T50 || metric == METRIC_T90 || metric == METRIC_T99 ||
	       metric == METRIC_WASTE;
}

struct range estimate_range(enum metric metric, const struct measure *measure)
{
	struct range range = { measure->value, measure->value };

	if (measure->state == MEASURE_CENSORED && estimate_is_least(metric))
		range.high = INFINITY;
	else if (measure->state == MEASURE_CENSORED)
		range.low = -INFINITY;
	return range;
}

/* Of equal times, that which was reached stands before that which was given up. */
static int by_value(const void *a, const void *b)
{
	const struct measure *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? 1 : -1;
	return (x->state > y->state) - (x->state < y->state);
}

/*
 * The product-limit estimate (Kaplan and Meier 1958): at each time that was reached, the share that
 * is still waiting falls by that of those who were watched until then.
 */
static struct measure find_kaplan_meier(const struct measure *sorted, size_t count)
{
	double waiting = 1;

	for (size_t i = 0; i < count; i++) {
		if (sorted[i].state == MEASURE_CENSORED)
			continue;
		waiting *= 1 - 1 / (double)(count - i);
		/* A half that rounding left a little above it is a half. */
		if (waiting <= 0.5 + 1e-9)
			return sorted[i];
	}
	return (struct measure){ MEASURE_CENSORED, sorted[(count - 1) / 2].value };
}

struct measure estimate_median(enum metric metric, struct measure *values, size_t count)
{
	bool censored = false, doubtful = false;
	struct measure median = { 0 };
	size_t present = 0;

	for (size_t i = 0; i < count; i++) {
		if (values[i].state == MEASURE_ABSENT)
			continue;
		doubtful |= values[i].doubtful;
		values[present] = values[i];
		censored |= values[present++].state == MEASURE_CENSORED;
	}
	if (!present)
		return median;
	qsort(values, present, sizeof(*values), by_value);
	median.state = censored ? MEASURE_CENSORED : MEASURE_VALUE;
	if (metric == METRIC_KERNEL_SOURCE)
		median.value = values[present - 1].value;
	else if (estimate_is_least(metric) && censored)
		median = find_kaplan_meier(values, present);
	else
		median.value = (values[(present - 1) / 2].value + values[present / 2].value) / 2;
	median.doubtful = doubtful;
	return median;
}

int estimate_interval(struct bootstrap *bootstrap, struct interval *interval, enum metric metric,
		      const struct measure *values, size_t count)
{
	struct range *ranges = calloc(count + 1, sizeof(*ranges));
	int error = 0;

	*interval = (struct interval){ 0 };
	if (!ranges)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (values[i].state != MEASURE_ABSENT)
			ranges[interval->count++] = estimate_range(metric, &values[i]);
	if (interval->count > 1) {
		interval->confidence = MIN(ESTIMATE_CONFIDENCE, bootstrap_reach(interval->count));
		error = bootstrap_median(bootstrap, &interval->range, ranges, interval->count,
					 ESTIMATE_CONFIDENCE);
	}
	free(ranges);
	return error;
}
