/* curve.c - step functions: spans, medians by time, and the lowest median of any second. */
#include "analysis/curve.h"

#include <errno.h>
#include <math.h>

#include "tests/unit/synthetic.h"
#include "tests/unit/unit.h"

/* A curve through (time, held) pairs; live is half of held. */
static struct curve curve_of(const uint64_t (*pairs)[2], size_t count)
{
	struct recording recording = { 0 };
	struct curve curve;

	for (size_t i = 0; i < count; i++)
		synthetic_sample(&recording, pairs[i][0], pairs[i][1], pairs[i][1] / 2);
	assert_int_equal(curve_build(&curve, &recording), 0);
	recording_free(&recording);
	return curve;
}

static void median_weighs_by_time(void **state)
{
	/* Four samples at 9, but for 4 ns only; 3 holds for 90. */
	static const uint64_t pairs[][2] = { { 0, 3 }, { 90, 9 }, { 91, 9 }, { 92, 9 }, { 93, 9 } };
	struct curve curve = curve_of(pairs, 5);
	struct span span = curve_span(&curve, 0, 94);
	double median;

	(void)state;
	assert_int_equal(span_median(&span, CURVE_HELD, &median), 0);
	assert_float_equal(median, 3, 0);
	assert_int_equal(span_median(&span, CURVE_LIVE, &median), 0);
	assert_float_equal(median, 1, 0);
	curve_free(&curve);
}

static void span_begins_with_the_value_that_holds(void **state)
{
	static const uint64_t pairs[][2] = { { 100, 1 }, { 200, 2 }, { 300, 3 } };
	struct curve curve = curve_of(pairs, 3);
	struct span span = curve_span(&curve, 250, 1000);

	(void)state;
	assert_int_equal(span.count, 2);
	assert_float_equal(span.points[0].value[CURVE_HELD], 2, 0);
	assert_int_equal(span_start(&span, 0), 250);
	assert_int_equal(span_end(&span, 0), 300);
	assert_int_equal(span_end(&span, 1), 1000);
	curve_free(&curve);
}

static void span_before_the_curve_is_empty(void **state)
{
	static const uint64_t pairs[][2] = { { 100, 1 }, { 200, 2 } };
	struct curve curve = curve_of(pairs, 2);
	struct span before = curve_span(&curve, 0, 50), early = curve_span(&curve, 0, 150);
	double median;

	(void)state;
	assert_int_equal(before.count, 0);
	assert_int_equal(span_median(&before, CURVE_HELD, &median), -ENODATA);
	assert_int_equal(early.count, 1);
	assert_int_equal(early.from, 100);
	curve_free(&curve);
}

static void empty_curve_has_nothing_to_say(void **state)
{
	struct curve curve = curve_of(NULL, 0);
	struct span span = curve_span(&curve, 0, 1000);
	uint64_t begin;
	double median;

	(void)state;
	assert_int_equal(span.count, 0);
	assert_int_equal(span_lowest_median(&span, 10, &median, &begin), -ENODATA);
	curve_free(&curve);
}

static void held_takes_the_newest_rollup(void **state)
{
	struct recording recording = { 0 };
	struct rollup *rollup;
	struct curve curve;

	(void)state;
	for (uint64_t time = 0; time < 5; time++)
		synthetic_sample(&recording, time * 10, 1000, 0);
	rollup = synthetic_rollup(&recording, 15);
	rollup->lazyfree = 300;
	rollup->swap = 50;
	rollup = synthetic_rollup(&recording, 30);
	rollup->lazyfree = 5000; /* read later than anon: never below nothing */
	rollup->swap = RECORD_ABSENT;
	assert_int_equal(curve_build(&curve, &recording), 0);
	assert_float_equal(curve.points[1].value[CURVE_HELD], 1000, 0);
	assert_float_equal(curve.points[2].value[CURVE_HELD], 750, 0);
	assert_float_equal(curve.points[3].value[CURVE_HELD], 0, 0);
	curve_free(&curve);
	recording_free(&recording);
}

/* Sample i at 10 i, 1000 bytes held, that many connections ever opened and releases. */
static void count_sample(struct recording *recording, uint64_t opened, uint64_t releases)
{
	struct sample *sample = synthetic_sample(recording, recording->sample_count * 10, 1000, 0);

	sample->opened = sample->closed = opened;
	sample->state_bytes = 0;
	sample->releases = releases;
}

static void expect_held(struct recording *recording, const double *held)
{
	struct curve curve;

	assert_int_equal(curve_build(&curve, recording), 0);
	assert_int_equal(curve.count, recording->sample_count);
	for (size_t i = 0; i < curve.count; i++)
		assert_float_equal(curve.points[i].value[CURVE_HELD], held[i], 0);
	curve_free(&curve);
	recording_free(recording);
}

static void lazyfree_between_quiet_rollups_is_the_smaller_one(void **state)
{
	static const double held[] = { 1000, 400, 400, 400, 400, 300 };
	struct recording recording = { 0 };

	(void)state;
	for (int i = 0; i < 6; i++)
		count_sample(&recording, 7, i > 1); /* a release only adds to it, then drops it */
	synthetic_rollup(&recording, 5)->lazyfree = 600;
	synthetic_rollup(&recording, 25)->lazyfree = 700;
	synthetic_rollup(&recording, 30)->lazyfree = 600;
	synthetic_rollup(&recording, 45)->lazyfree = 700;
	expect_held(&recording, held);
}

static void lazyfree_ends_with_traffic(void **state)
{
	static const double held[] = { 1000, 400, 1000, 1000, 1000, 900 };
	struct recording recording = { 0 };

	(void)state;
	for (int i = 0; i < 6; i++)
		count_sample(&recording, i > 1, 0);
	synthetic_rollup(&recording, 5)->lazyfree = 600;
	synthetic_rollup(&recording, 45)->lazyfree = 100;
	expect_held(&recording, held);
}

static void lazyfree_ends_with_a_release_that_nothing_confirms(void **state)
{
	static const double held[] = { 1000, 400, 1000, 1000 };
	struct recording recording = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++)
		count_sample(&recording, 7, i > 1);
	synthetic_rollup(&recording, 5)->lazyfree = 600;
	expect_held(&recording, held);
}

static void a_server_that_does_not_count_has_the_traffic_of_pulse(void **state)
{
	static const double held[] = { 1000, 400, 1000, 1000, 700 };
	struct recording recording = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 5; i++)
		synthetic_sample(&recording, i * 10, 1000, RECORD_ABSENT);
	synthetic_phase(&recording, "rest", 1, 0, 15);
	synthetic_phase(&recording, "burst", 1, 15, 22);
	synthetic_rollup(&recording, 5)->lazyfree = 600;
	synthetic_rollup(&recording, 35)->lazyfree = 300;
	expect_held(&recording, held);
}

static void samples_without_anon_are_gaps(void **state)
{
	static const uint64_t pairs[][2] = { { 0, 10 }, { 10, RECORD_ABSENT }, { 20, 30 } };
	struct curve curve = curve_of(pairs, 3);

	(void)state;
	assert_int_equal(curve.count, 2);
	assert_int_equal(curve.points[1].time, 20);
	curve_free(&curve);
}

static void unknown_live_has_no_median(void **state)
{
	struct recording recording = { 0 };
	struct curve curve;
	struct span span;
	double median;

	(void)state;
	synthetic_sample(&recording, 0, 10, RECORD_ABSENT);
	assert_int_equal(curve_build(&curve, &recording), 0);
	span = curve_span(&curve, 0, 10);
	assert_int_equal(span_median(&span, CURVE_LIVE, &median), -ENODATA);
	assert_int_equal(span_median(&span, CURVE_HELD, &median), 0);
	curve_free(&curve);
	recording_free(&recording);
}

/* The dip of 50 ns lies in the middle of nothing that a sample begins at. */
static void lowest_median_slides_between_samples(void **state)
{
	static const uint64_t pairs[][2] = { { 0, 9 }, { 130, 2 }, { 180, 9 }, { 1000, 9 } };
	struct curve curve = curve_of(pairs, 4);
	struct span span = curve_span(&curve, 0, 1000);
	uint64_t begin;
	double median;

	(void)state;
	assert_int_equal(span_lowest_median(&span, 100, &median, &begin), 0);
	assert_float_equal(median, 2, 0);
	assert_true(begin + 100 >= 180 && begin <= 130);
	assert_int_equal(span_lowest_median(&span, 102, &median, &begin), 0);
	assert_float_equal(median, 9, 0);
	curve_free(&curve);
}

static void lowest_median_of_a_short_span_is_its_median(void **state)
{
	static const uint64_t pairs[][2] = { { 0, 7 }, { 10, 5 }, { 14, 1 } };
	struct curve curve = curve_of(pairs, 3);
	struct span span = curve_span(&curve, 0, 20);
	uint64_t begin;
	double median, all;

	(void)state;
	assert_int_equal(span_lowest_median(&span, NS_PER_S, &median, &begin), 0);
	assert_int_equal(span_median(&span, CURVE_HELD, &all), 0);
	assert_float_equal(median, all, 0);
	assert_int_equal(begin, 0);
	curve_free(&curve);
}

/* Every stretch that begins at a whole ns, by hand. */
static double brute_force(const struct curve *curve, uint64_t from, uint64_t to, uint64_t width)
{
	double lowest = INFINITY, median;

	for (uint64_t begin = from; begin + width <= to; begin++) {
		struct span span = curve_span(curve, begin, begin + width);

		assert_int_equal(span_median(&span, CURVE_HELD, &median), 0);
		lowest = fmin(lowest, median);
	}
	return lowest;
}

static void lowest_median_agrees_with_all_stretches(void **state)
{
	(void)state;
	srand(7);
	for (int round = 0; round < 300; round++) {
		uint64_t pairs[20][2], time = 5, begin;
		size_t count = 1 + (size_t)rand() % 20;
		uint64_t width = 2 + (uint64_t)rand() % 40;
		struct curve curve;
		struct span span;
		double median, found;

		for (size_t i = 0; i < count; i++) {
			pairs[i][0] = time;
			pairs[i][1] = (uint64_t)rand() % 10;
			time += (uint64_t)rand() % 12;
		}
		curve = curve_of(pairs, count);
		span = curve_span(&curve, 5, time + width);
		assert_int_equal(span_lowest_median(&span, width, &median, &begin), 0);
		assert_float_equal(median, brute_force(&curve, 5, time + width, width), 0);
		span = curve_span(&curve, begin, begin + width);
		assert_int_equal(span_median(&span, CURVE_HELD, &found), 0);
		assert_float_equal(median, found, 0);
		curve_free(&curve);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(median_weighs_by_time),
		cmocka_unit_test(span_begins_with_the_value_that_holds),
		cmocka_unit_test(span_before_the_curve_is_empty),
		cmocka_unit_test(empty_curve_has_nothing_to_say),
		cmocka_unit_test(held_takes_the_newest_rollup),
		cmocka_unit_test(lazyfree_between_quiet_rollups_is_the_smaller_one),
		cmocka_unit_test(lazyfree_ends_with_traffic),
		cmocka_unit_test(lazyfree_ends_with_a_release_that_nothing_confirms),
		cmocka_unit_test(a_server_that_does_not_count_has_the_traffic_of_pulse),
		cmocka_unit_test(samples_without_anon_are_gaps),
		cmocka_unit_test(unknown_live_has_no_median),
		cmocka_unit_test(lowest_median_slides_between_samples),
		cmocka_unit_test(lowest_median_of_a_short_span_is_its_median),
		cmocka_unit_test(lowest_median_agrees_with_all_stretches),
	};

	return unit_main(tests);
}
