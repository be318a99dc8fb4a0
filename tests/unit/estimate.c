/* estimate.c - medians and intervals with known answers. */
#include "analysis/estimate.h"

#include "tests/unit/measured.h"

static struct bootstrap *bootstrap;

static int set_up(void **state)
{
	(void)state;
	bootstrap = bootstrap_new();
	return !bootstrap;
}

static int tear_down(void **state)
{
	(void)state;
	bootstrap_free(bootstrap);
	return 0;
}

static struct interval interval_of(enum metric metric, const struct measure *values, size_t count)
{
	struct interval interval;

	assert_int_equal(estimate_interval(bootstrap, &interval, metric, values, count), 0);
	return interval;
}

static void fill(struct measure *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		values[i] = (struct measure){ MEASURE_VALUE, (double)(i + 1) };
}

/* Ranks of the sign test: of 6 to 8 values the outermost, of 9 to 11 the second. */
static void an_interval_is_never_narrower_than_the_exact_one(void **state)
{
	struct measure values[16];

	(void)state;
	for (size_t count = 6; count <= 11; count++) {
		struct interval found;
		size_t rank = count <= 8 ? 1 : 2;

		fill(values, count);
		found = interval_of(METRIC_PEAK, values, count);
		assert_true(found.range.low <= (double)rank);
		assert_true(found.range.high >= (double)(count + 1 - rank));
		assert_int_equal(found.count, count);
		assert_true(found.confidence == ESTIMATE_CONFIDENCE);
	}
}

static void few_values_have_their_range(void **state)
{
	struct measure values[5];
	struct interval found;

	(void)state;
	fill(values, 5);
	found = interval_of(METRIC_PEAK, values, 5);
	assert_true(found.range.low == 1 && found.range.high == 5);
	assert_true(fabs(found.confidence - 0.9375) < 1e-9);
	found = interval_of(METRIC_PEAK, values, 2);
	assert_true(found.confidence == 0.5);
	found = interval_of(METRIC_PEAK, values, 1);
	assert_true(found.confidence == 0 && found.count == 1);
}

static void the_same_numbers_give_the_same_interval(void **state)
{
	struct measure values[12];
	struct interval first, again;

	(void)state;
	fill(values, 12);
	first = interval_of(METRIC_PEAK, values, 12);
	interval_of(METRIC_PEAK, values, 7);
	again = interval_of(METRIC_PEAK, values, 12);
	assert_true(first.range.low == again.range.low && first.range.high == again.range.high);
}

static void a_censored_time_leaves_the_end_open(void **state)
{
	struct measure values[8];
	struct interval found;

	(void)state;
	fill(values, 8);
	values[7].state = MEASURE_CENSORED;
	found = interval_of(METRIC_T50, values, 8);
	assert_true(found.range.low == 1 && isinf(found.range.high));
	values[7].state = MEASURE_VALUE;
	values[0].state = MEASURE_CENSORED;
	found = interval_of(METRIC_FLOOR, values, 8);
	assert_true(isinf(found.range.low) && found.range.high == 8);
}

/*
 * The product-limit estimate by hand. Watched times 2, 3+, 4, 5+, 6, 7: the share still waiting is
 * 5/6 after 2, 5/6 * 3/4 = 0.625 after 4, 0.625 * 1/2 = 0.3125 after 6.
 */
static void the_median_of_censored_times_is_that_of_kaplan_and_meier(void **state)
{
	struct measure values[] = { { MEASURE_VALUE, 7 },    { MEASURE_CENSORED, 3 },
				    { MEASURE_VALUE, 4 },    { MEASURE_VALUE, 2 },
				    { MEASURE_CENSORED, 5 }, { MEASURE_VALUE, 6 } };
	struct measure found = estimate_median(METRIC_T90, values, 6);

	(void)state;
	assert_value(&found, 6, 0);
	for (size_t i = 0; i < 6; i++)
		values[i] = (struct measure){ i < 2 ? MEASURE_VALUE : MEASURE_CENSORED,
					      i < 2 ? 1 : 15 };
	found = estimate_median(METRIC_T90, values, 6);
	assert_censored(&found, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_interval_is_never_narrower_than_the_exact_one,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(few_values_have_their_range, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_same_numbers_give_the_same_interval, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_censored_time_leaves_the_end_open, set_up,
						tear_down),
		cmocka_unit_test(the_median_of_censored_times_is_that_of_kaplan_and_meier),
	};

	return unit_main(tests);
}
