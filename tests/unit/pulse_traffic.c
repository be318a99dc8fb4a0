/* pulse_traffic.c - traffic adds up, whoever measured it; shares; the latency file. */
#include "pulse/traffic.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pulse/latency.h"
#include "tests/unit/unit.h"

#define SECOND UINT64_C(1000000000)

static struct traffic one, two, both;

static int clear(void **state)
{
	(void)state;
	traffic_clear(&one);
	traffic_clear(&two);
	traffic_clear(&both);
	return 0;
}

static void merging_is_recording_in_one(void **state)
{
	uint64_t value = 1;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		value = value * 6364136223846793005u + 1442695040888963407u;
		histogram_record(i % 3 ? &one.corrected : &two.corrected, value >> (i % 40));
		histogram_record(&both.corrected, value >> (i % 40));
	}
	traffic_merge(&one, &two);
	assert_memory_equal(&one, &both, sizeof(one));
}

static void window(struct traffic *traffic, uint64_t begin, uint64_t end, uint64_t operations)
{
	traffic->begin = begin;
	traffic->end = end;
	traffic_end(traffic, end);
	traffic->operations = operations;
}

static void rates_of_one_window_add_up(void **state)
{
	(void)state;
	window(&one, 10 * SECOND, 12 * SECOND, 1000);
	window(&two, 10 * SECOND, 12 * SECOND, 3000);
	traffic_merge(&both, &one);
	traffic_merge(&both, &two);
	assert_true(traffic_rate(&one) == 500);
	assert_true(traffic_rate(&both) == 2000);
	assert_int_equal(both.begin, 10 * SECOND);
	assert_int_equal(both.end, 12 * SECOND);
}

/* A shifted window must not make the same work look faster. */
static void the_window_is_the_common_one_and_the_rate_is_not_inflated(void **state)
{
	(void)state;
	window(&one, 10 * SECOND, 20 * SECOND, 1000);
	window(&two, 11 * SECOND, 21 * SECOND, 1000);
	traffic_merge(&one, &two);
	assert_int_equal(one.begin, 11 * SECOND);
	assert_int_equal(one.end, 20 * SECOND);
	assert_true(traffic_rate(&one) == 200);
}

static void a_loop_without_a_window_changes_nothing(void **state)
{
	(void)state;
	window(&one, 10 * SECOND, 12 * SECOND, 1000);
	two.outside = 5;
	traffic_merge(&one, &two);
	assert_int_equal(one.begin, 10 * SECOND);
	assert_true(traffic_rate(&one) == 500);
	assert_int_equal(one.outside, 5);
}

static void only_what_is_answered_within_the_window_is_throughput(void **state)
{
	(void)state;
	one.begin = 100;
	one.end = 200;
	traffic_count(&one, 99);
	traffic_count(&one, 100);
	traffic_count(&one, 200);
	traffic_count(&one, 201);
	assert_int_equal(one.operations, 2);
	assert_int_equal(one.outside, 2);
	traffic_count(&two, 100);
	assert_int_equal(two.outside, 1);
}

static void a_window_can_be_cut_short(void **state)
{
	(void)state;
	one.begin = 100;
	one.end = 200;
	traffic_end(&one, 150);
	traffic_end(&one, 180);
	assert_int_equal(one.end, 150);
	assert_int_equal(one.length, 50);
	assert_int_equal(one.windows, 1);
}

static void active_is_a_number_or_a_share(void **state)
{
	struct active active;

	(void)state;
	assert_int_equal(active_parse("100", &active), 0);
	assert_int_equal(active_count(&active, 10000), 100);
	assert_int_equal(active_count(&active, 7), 7);
	assert_int_equal(active_parse("1%", &active), 0);
	assert_int_equal(active_count(&active, 10000), 100);
	assert_int_equal(active_count(&active, 3), 1);
	assert_int_equal(active_count(&active, 0), 0);
	assert_int_equal(active_parse("0", &active), -EINVAL);
	assert_int_equal(active_parse("0%", &active), -EINVAL);
	assert_int_equal(active_parse("many", &active), -EINVAL);
}

/* The lines of a known distribution: half 1 ms, half 3 ms, one of 5 ms. */
static void the_latency_file_is_hdr_text(void **state)
{
	char *text, *line;
	size_t length;
	FILE *file = open_memstream(&text, &length);
	double value, share, inverse;
	unsigned long total;

	(void)state;
	for (int i = 0; i < 500; i++) {
		histogram_record(&one.corrected, 1000000);
		histogram_record(&one.corrected, 3000000);
	}
	histogram_record(&one.corrected, 5000000);
	assert_int_equal(latency_write(&one.corrected, file), 0);
	fclose(file);
	assert_non_null(strstr(text, "Value"));
	assert_non_null(strstr(text, "1/(1-Percentile)\n\n"));
	line = strstr(text, "\n\n") + 2;
	assert_int_equal(sscanf(line, "%lf %lf %lu %lf", &value, &share, &total, &inverse), 4);
	assert_true(value >= 1 && value < 1.01 && share == 0 && total == 500 && inverse == 1);
	line = strstr(text, "inf\n");
	assert_non_null(line);
	while (line[-1] != '\n')
		line--;
	assert_int_equal(sscanf(line, "%lf %lf %lu", &value, &share, &total), 3);
	assert_true(value == 5 && share == 1 && total == 1001);
	assert_non_null(strstr(text, "#[Max     =        5.000, Total count    =         1001]"));
	assert_non_null(strstr(text, "#[Buckets =           30, SubBuckets     =          128]"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(merging_is_recording_in_one, clear),
		cmocka_unit_test_setup(rates_of_one_window_add_up, clear),
		cmocka_unit_test_setup(the_window_is_the_common_one_and_the_rate_is_not_inflated,
				       clear),
		cmocka_unit_test_setup(a_loop_without_a_window_changes_nothing, clear),
		cmocka_unit_test_setup(only_what_is_answered_within_the_window_is_throughput,
				       clear),
		cmocka_unit_test_setup(a_window_can_be_cut_short, clear),
		cmocka_unit_test_setup(active_is_a_number_or_a_share, clear),
		cmocka_unit_test_setup(the_latency_file_is_hdr_text, clear),
	};

	return unit_main(tests);
}
