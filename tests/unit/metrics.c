/* metrics.c - the numbers of the table, on curves whose numbers are known beforehand. */
#include "analysis/metrics.h"

#include <math.h>

#include "tests/unit/measured.h"

/* Held, in MiB, so many seconds after a burst. */
static double keeps(double seconds)
{
	(void)seconds;
	return 110;
}

static double sinks_below_base(double seconds)
{
	return seconds < 2 ? 110 : 3;
}

static void assert_step(const struct measure *m)
{
	assert_value(&m[METRIC_BASE], 10.0 * MIB, 1);
	assert_value(&m[METRIC_PEAK], 110.0 * MIB, 1);
	assert_value(&m[METRIC_FLOOR], 20.0 * MIB, 1);
	assert_value(&m[METRIC_LIVE], 5.0 * MIB, 1);
	assert_value(&m[METRIC_FLOOR_LIVE], 2, 1e-6);
	assert_value(&m[METRIC_RETENTION_1], 0.95, 1e-6);
	assert_value(&m[METRIC_RETENTION_5], 0.05, 1e-6);
	assert_value(&m[METRIC_RETENTION_15], 0.05, 1e-6);
	assert_value(&m[METRIC_T50], 2e9, 1);
	assert_value(&m[METRIC_T90], 2e9, 1);
	assert_censored(&m[METRIC_T99], 15e9);
	assert_value(&m[METRIC_WASTE], (2.0 * 95 + 13.0 * 5) * MIB, 2);
	assert_value(&m[METRIC_RATCHET], 0, 1);
	assert_value(&m[METRIC_WINDOW], 15e9, 1);
}

static void a_step_is_measured_exactly(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, 0, steps_down);
	compute(&recording, m);
	assert_step(m);
}

static void the_clock_may_start_anywhere(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	compute(&recording, m);
	assert_step(m);
}

/* Only the samples at which something changes are left, and one at rest. */
static void gaps_change_nothing(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;
	size_t kept = 0;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < recording.sample_count; i++) {
		struct sample *sample = &recording.samples[i];

		if (i % 200 == 0 || i + 1 == recording.sample_count)
			recording.samples[kept++] = *sample;
	}
	recording.sample_count = kept;
	compute(&recording, m);
	assert_step(m);
}

static void crowded_samples_weigh_no_more(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording dense = { 0 }, even;

	(void)state;
	synthetic_run(&even, EPOCH, steps_down);
	for (size_t i = 0; i < even.sample_count; i++) {
		struct sample *sample = &even.samples[i];

		dense.samples = synthetic_grow(dense.samples, &dense.sample_count, sample,
					       sizeof(*sample));
		/* Ten spikes, each 1 us long, behind every sample of the window. */
		for (uint64_t j = 1; sample->time > EPOCH + 10 * NS_PER_S && j <= 20; j++) {
			struct sample spike = *sample;

			spike.time += j * 1000;
			spike.anon += j % 2 * 30 * MIB;
			dense.samples = synthetic_grow(dense.samples, &dense.sample_count, &spike,
						       sizeof(spike));
		}
	}
	synthetic_schedule(&dense, EPOCH);
	recording_free(&even);
	compute(&dense, m);
	assert_value(&m[METRIC_FLOOR], 20.0 * MIB, 1);
}

static void an_exponential_has_its_half_life(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, decays);
	compute(&recording, m);
	/* R = 0.95 exp(-t/3 s), seen at samples 10 ms apart. */
	assert_value(&m[METRIC_T50], 3e9 * log(1.9), 10e6);
	assert_value(&m[METRIC_T90], 3e9 * log(9.5), 10e6);
	assert_value(&m[METRIC_T99], 3e9 * log(95), 10e6);
	assert_value(&m[METRIC_RETENTION_5], 0.95 * exp(-5.0 / 3), 1e-6);
	assert_value(&m[METRIC_WASTE], 95.0 * 3 * (1 - exp(-5)) * MIB, 95.0 * 0.01 * MIB);
	/* The last second, in the middle of it. */
	assert_value(&m[METRIC_FLOOR], decays(14.5) * MIB, 0.01 * MIB);
}

static void what_never_returns_is_censored(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, keeps);
	compute(&recording, m);
	assert_value(&m[METRIC_FLOOR], 110.0 * MIB, 1);
	assert_value(&m[METRIC_RETENTION_15], 0.95, 1e-6);
	assert_censored(&m[METRIC_T50], 15e9);
	assert_censored(&m[METRIC_T90], 15e9);
	assert_value(&m[METRIC_WASTE], 95.0 * 15 * MIB, 2);
}

static void less_than_base_is_no_negative_waste(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, sinks_below_base);
	compute(&recording, m);
	assert_value(&m[METRIC_WASTE], 95.0 * 2 * MIB, 2);
	assert_true(m[METRIC_RETENTION_5].value < 0);
	assert_value(&m[METRIC_T99], 2e9, 1);
}

static void without_live_bytes_there_is_no_ratio(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < recording.sample_count; i++)
		recording.samples[i].live_bytes = 0;
	compute(&recording, m);
	assert_int_equal(m[METRIC_FLOOR_LIVE].state, MEASURE_ABSENT);
	assert_value(&m[METRIC_LIVE], 0, 0);
	assert_value(&m[METRIC_RETENTION_5], 0.1, 1e-6);
}

/* A server that is not ours has no status page: nothing that needs live may be guessed. */
static void unknown_live_bytes_are_not_guessed(void **state)
{
	static const enum metric need_live[] = {
		METRIC_LIVE,	     METRIC_FLOOR_LIVE, METRIC_RETENTION_1, METRIC_RETENTION_5,
		METRIC_RETENTION_15, METRIC_T50,	METRIC_T90,	    METRIC_T99,
		METRIC_WASTE,	     METRIC_RATCHET,	METRIC_RELEASES,    METRIC_STALL
	};
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < recording.sample_count; i++) {
		recording.samples[i].live_bytes = RECORD_ABSENT;
		recording.samples[i].last_close = RECORD_ABSENT;
		recording.samples[i].releases = RECORD_ABSENT;
	}
	compute(&recording, m);
	for (size_t i = 0; i < sizeof(need_live) / sizeof(need_live[0]); i++)
		assert_int_equal(m[need_live[i]].state, MEASURE_ABSENT);
	assert_value(&m[METRIC_FLOOR], 20.0 * MIB, 1);
	assert_value(&m[METRIC_WINDOW], 15e9, 1); /* from pulse's last close() */
}

static void without_a_rest_there_is_no_base(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	recording.phases[0].name[0] = 'x';
	compute(&recording, m);
	assert_int_equal(m[METRIC_BASE].state, MEASURE_ABSENT);
	assert_int_equal(m[METRIC_RETENTION_1].state, MEASURE_ABSENT);
	assert_int_equal(m[METRIC_T50].state, MEASURE_ABSENT);
	assert_int_equal(m[METRIC_WASTE].state, MEASURE_ABSENT);
	assert_value(&m[METRIC_PEAK], 110.0 * MIB, 1);
}

static void the_server_says_when_it_closed_last(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < recording.sample_count; i++)
		if (recording.samples[i].time >= EPOCH + 8 * NS_PER_S)
			recording.samples[i].last_close = EPOCH + 8400 * MS;
	/* A trickle closes later; that is not the burst's. */
	recording.samples[recording.sample_count - 1].last_close = EPOCH + 24 * NS_PER_S;
	compute(&recording, m);
	assert_value(&m[METRIC_T50], 1600.0 * MS, 1);
	assert_value(&m[METRIC_WINDOW], 14600.0 * MS, 1);
	assert_int_equal(m[METRIC_WASTE].state, MEASURE_VALUE);
	/* 0.4 s short of 15 s is read at the window's end ... */
	assert_value(&m[METRIC_RETENTION_15], 0.05, 1e-6);
}

/* What is left of the window is 13 of its 15 s. */
static void who_closes_late_does_not_waste_less(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, keeps);
	for (size_t i = 0; i < recording.sample_count; i++)
		if (recording.samples[i].time >= EPOCH + 8 * NS_PER_S)
			recording.samples[i].last_close = EPOCH + 10 * NS_PER_S;
	compute(&recording, m);
	assert_value(&m[METRIC_WINDOW], 13e9, 1);
	assert_int_equal(m[METRIC_WASTE].state, MEASURE_CENSORED);
	assert_true(fabs(m[METRIC_WASTE].value - 95.0 * 13 * MIB) < 2);
}

/* Between two samples: the one before it has all connections live, and so no excess. */
static void a_last_close_between_samples_is_no_release(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < recording.sample_count; i++)
		if (recording.samples[i].last_close == EPOCH + 8000 * MS)
			recording.samples[i].last_close -= 5 * MS;
	compute(&recording, m);
	assert_value(&m[METRIC_T50], 2.005e9, 1);
}

static void a_short_window_has_no_late_retention(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	recording.phases[4].end = EPOCH + 21 * NS_PER_S;
	compute(&recording, m);
	assert_int_equal(m[METRIC_RETENTION_15].state, MEASURE_ABSENT);
	assert_value(&m[METRIC_RETENTION_5], 0.05, 1e-6);
	assert_censored(&m[METRIC_T99], 13e9);
}

/* What a trickle right behind it uses is none of its business. */
static void a_window_under_a_second_bounds_the_floor(void **state)
{
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, keeps);
	recording.phases[4].end = EPOCH + 8200 * MS;
	for (size_t i = 0; i < recording.sample_count; i++)
		if (recording.samples[i].time >= EPOCH + 8200 * MS)
			recording.samples[i].live_bytes = 70 * MIB;
	compute(&recording, m);
	assert_value(&m[METRIC_LIVE], 5.0 * MIB, 1);
	assert_censored(&m[METRIC_FLOOR], 110.0 * MIB);
	assert_int_equal(m[METRIC_FLOOR_LIVE].state, MEASURE_CENSORED);
	assert_int_equal(m[METRIC_RETENTION_1].state, MEASURE_ABSENT);
}

/* Fewer with the thread sanitizer, with which each takes seconds. */
#ifdef __SANITIZE_THREAD__
#define ROUNDS 5
#else
#define ROUNDS 40
#endif

/* Steps at random, up and down. */
static double wander(double seconds)
{
	(void)seconds;
	return 5 + rand() % 120;
}

static bool is_later(const struct measure *a, const struct measure *b)
{
	return b->state == MEASURE_CENSORED ||
	       (a->state == MEASURE_VALUE && b->state == MEASURE_VALUE && a->value <= b->value);
}

static void metrics_keep_their_bounds(void **state)
{
	(void)state;
	srand(3);
	for (int round = 0; round < ROUNDS; round++) {
		struct measure m[METRIC_COUNT];
		struct recording recording;

		synthetic_run(&recording, (uint64_t)rand() << 20, wander);
		compute(&recording, m);
		assert_true(m[METRIC_FLOOR].value <= m[METRIC_PEAK].value);
		assert_true(m[METRIC_FLOOR].value >= 5.0 * MIB);
		assert_true(m[METRIC_WASTE].value >= 0);
		assert_true(m[METRIC_WASTE].value <= m[METRIC_PEAK].value * 15);
		for (int i = METRIC_RETENTION_1; i <= METRIC_RETENTION_15; i++)
			assert_true(m[i].value <= 1);
		assert_true(is_later(&m[METRIC_T50], &m[METRIC_T90]));
		assert_true(is_later(&m[METRIC_T90], &m[METRIC_T99]));
		assert_true(m[METRIC_T99].value <= m[METRIC_WINDOW].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_is_measured_exactly),
		cmocka_unit_test(the_clock_may_start_anywhere),
		cmocka_unit_test(gaps_change_nothing),
		cmocka_unit_test(crowded_samples_weigh_no_more),
		cmocka_unit_test(an_exponential_has_its_half_life),
		cmocka_unit_test(what_never_returns_is_censored),
		cmocka_unit_test(less_than_base_is_no_negative_waste),
		cmocka_unit_test(who_closes_late_does_not_waste_less),
		cmocka_unit_test(without_live_bytes_there_is_no_ratio),
		cmocka_unit_test(unknown_live_bytes_are_not_guessed),
		cmocka_unit_test(without_a_rest_there_is_no_base),
		cmocka_unit_test(the_server_says_when_it_closed_last),
		cmocka_unit_test(a_last_close_between_samples_is_no_release),
		cmocka_unit_test(a_short_window_has_no_late_retention),
		cmocka_unit_test(a_window_under_a_second_bounds_the_floor),
		cmocka_unit_test(metrics_keep_their_bounds),
	};

	return unit_main(tests);
}
