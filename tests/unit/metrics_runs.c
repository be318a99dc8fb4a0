/* metrics_runs.c - metrics that look beyond the last window: earlier bursts, releases, repeats. */
#include "analysis/metrics.h"

#include <errno.h>
#include <math.h>

#include "analysis/estimate.h"
#include "tests/unit/measured.h"

/* A floor that rises by 3 MiB a burst, with live bytes that rise as well. */
static void the_ratchet_is_the_slope_of_the_floors(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording = { 0 };

	(void)state;
	synthetic_phase(&recording, "rest", 1, EPOCH, EPOCH + NS_PER_S);
	for (uint64_t i = 0; i < 4; i++) {
		uint64_t start = EPOCH + (1 + 4 * i) * NS_PER_S;

		synthetic_phase(&recording, "burst", i + 1, start, start + NS_PER_S);
		synthetic_phase(&recording, i < 3 ? "gap" : "window", i < 3 ? i + 1 : 1,
				start + NS_PER_S, start + 4 * NS_PER_S);
	}
	for (uint64_t ms = 0; ms <= 17000; ms += 10) {
		uint64_t i = ms < 1000 ? 0 : (ms - 1000) / 4000;
		bool burst = ms >= 1000 && (ms - 1000) % 4000 < 1000;

		synthetic_sample(&recording, EPOCH + ms * MS,
				 ms < 1000 ? 10 * MIB
				 : burst   ? 100 * MIB
					   : (20 + 5 * i) * MIB,
				 2 * i * MIB);
	}
	compute(&recording, m);
	assert_value(&m[METRIC_RATCHET], 3.0 * MIB, 1);
}

/* The gap of 2 s sees none of what the window sees after 2 s. */
static void the_ratchet_compares_equal_times(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, decays);
	compute(&recording, m);
	assert_value(&m[METRIC_RATCHET], 0, 1);
}

static void one_burst_has_no_ratchet(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	recording.phases[1].name[0] = 'x';
	compute(&recording, m);
	assert_int_equal(m[METRIC_RATCHET].state, MEASURE_ABSENT);
	assert_value(&m[METRIC_FLOOR], 20.0 * MIB, 1);
}

static void a_short_window_cannot_judge_a_decay(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	compute_with_decay(&recording, 10 * NS_PER_S, m);
	assert_censored(&m[METRIC_FLOOR], 20.0 * MIB);
	assert_int_equal(m[METRIC_FLOOR_LIVE].state, MEASURE_CENSORED);
	assert_value(&m[METRIC_RETENTION_5], 0.05, 1e-6);

	synthetic_run(&recording, EPOCH, steps_down);
	compute_with_decay(&recording, 3 * NS_PER_S, m);
	assert_value(&m[METRIC_FLOOR], 20.0 * MIB, 1);
}

static void a_release_ends_the_wait_for_a_decay(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < recording.sample_count; i++)
		if (recording.samples[i].time >= EPOCH + 10 * NS_PER_S)
			recording.samples[i].releases = 1;
	compute_with_decay(&recording, 10 * NS_PER_S, m);
	assert_value(&m[METRIC_FLOOR], 20.0 * MIB, 1);
}

static void a_stall_needs_a_release(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;
	struct sample *last;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	recording.samples[recording.sample_count - 1].stall_max = 0;
	compute(&recording, m);
	assert_int_equal(m[METRIC_STALL].state, MEASURE_ABSENT);
	assert_value(&m[METRIC_RELEASES], 0, 0);

	synthetic_run(&recording, EPOCH, steps_down);
	last = &recording.samples[recording.sample_count - 1];
	last->releases = 3;
	last->stall_max = 18 * MS;
	compute(&recording, m);
	assert_value(&m[METRIC_STALL], 18.0 * MS, 0);
	assert_value(&m[METRIC_RELEASES], 3, 0);
}

static void faults_are_counted_around_the_last_burst(void **state)
{
	static const uint64_t rollups[][2] = { { 1000, 100 },  { 5000, 700 },  { 5900, 900 },
					       { 7000, 5000 }, { 8100, 9900 }, { 9000, 12345 } };
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < 6; i++)
		synthetic_rollup(&recording, EPOCH + rollups[i][0] * MS)->minor_faults =
			rollups[i][1];
	compute(&recording, m);
	assert_value(&m[METRIC_FAULTS], 9000, 0);

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_rollup(&recording, EPOCH + 7 * NS_PER_S)->minor_faults = 5;
	compute(&recording, m);
	assert_int_equal(m[METRIC_FAULTS].state, MEASURE_ABSENT);
}

static void connects_are_those_of_first_and_last_burst(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	recording.phases[1].connect_p50 = 11;
	recording.phases[1].connect_p99 = 12;
	recording.phases[3].connect_p50 = 31;
	recording.phases[3].connect_p99 = RECORD_ABSENT;
	compute(&recording, m);
	assert_value(&m[METRIC_FIRST_P50], 11, 0);
	assert_value(&m[METRIC_FIRST_P99], 12, 0);
	assert_value(&m[METRIC_LAST_P50], 31, 0);
	assert_int_equal(m[METRIC_LAST_P99].state, MEASURE_ABSENT);
}

static void a_recording_without_bursts_is_refused(void **state)
{
	struct recording recording = { 0 };
	struct measure m[METRIC_COUNT];
	struct curve curve;

	(void)state;
	synthetic_sample(&recording, 0, 1, 1);
	assert_int_equal(curve_build(&curve, &recording), 0);
	assert_int_equal(metrics_compute(&recording, &curve, 0, m), -ENODATA);
	curve_free(&curve);
	recording_free(&recording);
}

static struct measure median(enum metric metric, size_t count, const struct measure *values)
{
	struct measure copy[8];

	memcpy(copy, values, count * sizeof(*values));
	return estimate_median(metric, copy, count);
}

static void medians_are_of_what_is_there(void **state)
{
	static const struct measure values[] = { { MEASURE_VALUE, 9 },
						 { MEASURE_ABSENT, 0 },
						 { MEASURE_VALUE, 1 },
						 { MEASURE_VALUE, 2 },
						 { MEASURE_VALUE, 4 } };
	struct measure found;

	(void)state;
	found = median(METRIC_PEAK, 5, values);
	assert_value(&found, 3, 0);
	found = median(METRIC_PEAK, 4, values);
	assert_value(&found, 2, 0);
	found = median(METRIC_PEAK, 1, values + 1);
	assert_int_equal(found.state, MEASURE_ABSENT);
	found = median(METRIC_PEAK, 0, values);
	assert_int_equal(found.state, MEASURE_ABSENT);
}

/* 15 s that were not reached are not 15 s: they stand behind every time that was. */
static void censored_times_are_not_averaged(void **state)
{
	static const struct measure reached[] = { { MEASURE_CENSORED, 14 },
						  { MEASURE_VALUE, 14.5 },
						  { MEASURE_VALUE, 2 },
						  { MEASURE_CENSORED, 15 } };
	struct measure found = median(METRIC_T50, 4, reached);

	(void)state;
	assert_value(&found, 14.5, 0);
	found = median(METRIC_T50, 2, reached);
	assert_value(&found, 14.5, 0);
	found = median(METRIC_T90, 1, reached);
	assert_censored(&found, 14);
}

static void a_censored_floor_makes_the_median_a_bound(void **state)
{
	static const struct measure floors[] = { { MEASURE_CENSORED, 30 },
						 { MEASURE_VALUE, 10 },
						 { MEASURE_CENSORED, 20 } };
	struct measure found = median(METRIC_FLOOR, 3, floors);

	(void)state;
	assert_censored(&found, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ratchet_is_the_slope_of_the_floors),
		cmocka_unit_test(the_ratchet_compares_equal_times),
		cmocka_unit_test(one_burst_has_no_ratchet),
		cmocka_unit_test(a_short_window_cannot_judge_a_decay),
		cmocka_unit_test(a_release_ends_the_wait_for_a_decay),
		cmocka_unit_test(a_stall_needs_a_release),
		cmocka_unit_test(faults_are_counted_around_the_last_burst),
		cmocka_unit_test(connects_are_those_of_first_and_last_burst),
		cmocka_unit_test(a_recording_without_bursts_is_refused),
		cmocka_unit_test(medians_are_of_what_is_there),
		cmocka_unit_test(censored_times_are_not_averaged),
		cmocka_unit_test(a_censored_floor_makes_the_median_a_bound),
	};

	return unit_main(tests);
}
