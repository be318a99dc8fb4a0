/* histogram.c - percentiles keep their promise; nothing is dropped. */
#include "pulse/histogram.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

static struct histogram histogram;

static int clear(void **state)
{
	(void)state;
	histogram_clear(&histogram);
	return 0;
}

/* Never below the true value, and at most 1/128 above it. */
static void assert_close(uint64_t reported, uint64_t truth)
{
	assert_true(reported >= truth);
	assert_true(reported - truth <= truth / 128);
}

static void empty_has_no_percentiles(void **state)
{
	(void)state;
	assert_int_equal(histogram_percentile(&histogram, 0.5), 0);
	assert_int_equal(histogram_percentile(&histogram, 1), 0);
}

static void small_values_are_exact(void **state)
{
	(void)state;
	for (uint64_t value = 1; value <= 100; value++)
		histogram_record(&histogram, value);
	assert_int_equal(histogram_percentile(&histogram, 0.01), 1);
	assert_int_equal(histogram_percentile(&histogram, 0.5), 50);
	assert_int_equal(histogram_percentile(&histogram, 0.99), 99);
	assert_int_equal(histogram_percentile(&histogram, 1), 100);
}

static void one_value_is_every_percentile(void **state)
{
	(void)state;
	histogram_record(&histogram, 123456789);
	assert_int_equal(histogram_percentile(&histogram, 0), 123456789);
	assert_int_equal(histogram_percentile(&histogram, 0.5), 123456789);
	assert_int_equal(histogram_percentile(&histogram, 1), 123456789);
}

static void uniform_distribution(void **state)
{
	(void)state;
	for (uint64_t value = 1000; value <= 1000000; value += 1000)
		histogram_record(&histogram, value);
	assert_close(histogram_percentile(&histogram, 0.5), 500000);
	assert_close(histogram_percentile(&histogram, 0.9), 900000);
	assert_close(histogram_percentile(&histogram, 0.99), 990000);
	assert_int_equal(histogram.max, 1000000);
}

static void two_peaks_are_told_apart(void **state)
{
	(void)state;
	for (int i = 0; i < 980; i++)
		histogram_record(&histogram, 20000);
	for (int i = 0; i < 20; i++)
		histogram_record(&histogram, 1003000000);
	assert_close(histogram_percentile(&histogram, 0.98), 20000);
	assert_close(histogram_percentile(&histogram, 0.99), 1003000000);
}

/* At the borders of all octaves, where a bucket may be missed by one. */
static void every_magnitude_keeps_the_error(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 36; bit++) {
		for (int64_t off = -1; off <= 1; off++) {
			uint64_t value = (uint64_t)((int64_t)(1ull << bit) + off);

			histogram_clear(&histogram);
			histogram_record(&histogram, value);
			histogram_record(&histogram, HISTOGRAM_LIMIT - 1);
			assert_close(histogram_percentile(&histogram, 0.5), value);
			assert_int_equal(histogram.out_of_range, 0);
		}
	}
}

static void out_of_range_is_counted_at_the_top(void **state)
{
	(void)state;
	histogram_record(&histogram, 5);
	histogram_record(&histogram, HISTOGRAM_LIMIT);
	histogram_record(&histogram, UINT64_MAX);
	assert_int_equal(histogram.count, 3);
	assert_int_equal(histogram.out_of_range, 2);
	assert_int_equal(histogram_percentile(&histogram, 0.3), 5);
	assert_int_equal(histogram_percentile(&histogram, 0.99), UINT64_MAX);
	assert_int_equal(histogram.max, UINT64_MAX);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void agrees_with_sorting(void **state)
{
	enum {
		COUNT = 20000
	};
	static uint64_t values[COUNT];
	uint64_t random = 42;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		values[i] = (random >> 30) >> (random % 28); /* all magnitudes */
		histogram_record(&histogram, values[i]);
	}
	qsort(values, COUNT, sizeof(values[0]), ascending);
	for (size_t rank = 1; rank <= COUNT; rank += 97)
		assert_close(histogram_percentile(&histogram, (double)rank / COUNT),
			     values[rank - 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(empty_has_no_percentiles, clear),
		cmocka_unit_test_setup(small_values_are_exact, clear),
		cmocka_unit_test_setup(one_value_is_every_percentile, clear),
		cmocka_unit_test_setup(uniform_distribution, clear),
		cmocka_unit_test_setup(two_peaks_are_told_apart, clear),
		cmocka_unit_test_setup(every_magnitude_keeps_the_error, clear),
		cmocka_unit_test_setup(out_of_range_is_counted_at_the_top, clear),
		cmocka_unit_test_setup(agrees_with_sorting, clear),
	};

	return unit_main(tests);
}
