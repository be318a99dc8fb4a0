/* measured.h - the metrics of a synthetic run, and what tests ask of them. */
#ifndef TESTS_UNIT_MEASURED_H
#define TESTS_UNIT_MEASURED_H

#include <math.h>

#include "analysis/metrics.h"
#include "tests/unit/synthetic.h"
#include "tests/unit/unit.h"

#define EPOCH (7ull << 60) /* a clock that starts anywhere */

/* Held, in MiB, so many seconds after a burst. */
static inline double steps_down(double seconds)
{
	return seconds < 2 ? 110 : 20;
}

static inline double decays(double seconds)
{
	return 15 + 95 * exp(-seconds / 3);
}

static inline void compute_with_decay(struct recording *recording, uint64_t decay,
				      struct measure metrics[METRIC_COUNT])
{
	struct curve curve;

	assert_int_equal(curve_build(&curve, recording), 0);
	assert_int_equal(metrics_compute(recording, &curve, decay, metrics), 0);
	curve_free(&curve);
	recording_free(recording);
}

/* Takes the recording. */
static inline void compute(struct recording *recording, struct measure metrics[METRIC_COUNT])
{
	compute_with_decay(recording, 0, metrics);
}

static inline void assert_value(const struct measure *measure, double value, double tolerance)
{
	assert_int_equal(measure->state, MEASURE_VALUE);
	assert_true(fabs(measure->value - value) <= tolerance);
}

static inline void assert_censored(const struct measure *measure, double bound)
{
	assert_int_equal(measure->state, MEASURE_CENSORED);
	assert_true(fabs(measure->value - bound) <= 1);
}

#endif
