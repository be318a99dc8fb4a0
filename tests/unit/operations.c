/* operations.c - what was asked and answered: figures with known answers, and damaged records. */
#include "analysis/operations.h"

#include <errno.h>

#include "analysis/compare.h"
#include "analysis/comparison.h"
#include "analysis/load.h"
#include "analysis/summary.h"
#include "analysis/table.h"
#include "tests/unit/measured.h"

#define BURST 3 /* the last one, among the phases of a synthetic schedule */

/* 2 s in which the server runs on two CPUs, and answers so many. */
static struct traffic_row *begin(struct recording *recording, uint64_t answered)
{
	synthetic_run(recording, EPOCH, steps_down);
	synthetic_usage(&recording->usage, EPOCH);
	return synthetic_traffic(&recording->operations, &recording->phases[BURST], answered, 150,
				 900);
}

static void figures_are_of_the_last_burst(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;

	(void)state;
	begin(&recording, 20000);
	synthetic_traffic(&recording.operations, &recording.phases[1], 77, 1, 2);
	compute(&recording, metrics);
	assert_value(&metrics[METRIC_OPERATIONS], 10000, 1e-6);
	assert_value(&metrics[METRIC_LATENCY_P50], 150e3, 0);
	assert_value(&metrics[METRIC_LATENCY_P99], 900e3, 0);
	/* 4 s of CPU time for 20,000 */
	assert_value(&metrics[METRIC_CPU_OPERATION], 200e3, 1);
}

/* Event loops of pulse that began at other times: their window is what they had in common. */
static void loops_count_over_the_time_of_their_own(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct traffic_row *row;

	(void)state;
	row = begin(&recording, 20000);
	row->begin += NS_PER_S / 2;
	row->end -= NS_PER_S / 2;
	row->length = 3 * NS_PER_S / 2;
	compute(&recording, metrics);
	assert_value(&metrics[METRIC_OPERATIONS], 20000 / 1.5, 1e-6);
	/* 2 s a second, over 13,333 a second */
	assert_value(&metrics[METRIC_CPU_OPERATION], 150e3, 1);
}

static void assert_unknown(struct recording *recording)
{
	struct measure metrics[METRIC_COUNT];

	compute(recording, metrics);
	for (int i = METRIC_OPERATIONS; i <= METRIC_CPU_OPERATION; i++)
		assert_int_equal(metrics[i].state, MEASURE_ABSENT);
}

static void without_answers_all_is_unknown(void **state)
{
	struct recording recording;
	struct traffic_row *row;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	assert_unknown(&recording);
	begin(&recording, 0);
	assert_unknown(&recording);
	row = begin(&recording, 0);
	row->begin = row->end = row->length = RECORD_ABSENT;
	assert_unknown(&recording);
	/* Only in the burst before. */
	row = begin(&recording, 100);
	row->number = 1;
	assert_unknown(&recording);
}

static void without_cpu_time_the_rest_is_known(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;

	(void)state;
	begin(&recording, 20000);
	recording.usage.total_count = 0;
	compute(&recording, metrics);
	assert_value(&metrics[METRIC_OPERATIONS], 10000, 1e-6);
	assert_int_equal(metrics[METRIC_CPU_OPERATION].state, MEASURE_ABSENT);
}

static void add_run(const char *directory, const char *name, uint64_t answered)
{
	struct recording recording;

	if (answered)
		begin(&recording, answered);
	else
		synthetic_run(&recording, EPOCH, steps_down);
	synthetic_folder(directory, name, answered ? "talks" : "idles", "native", &recording);
	recording_free(&recording);
}

static struct experiment *load(const char *directory)
{
	struct experiment *experiment;
	char why[LOAD_WHY];

	assert_int_equal(experiment_load(&experiment, directory, why), 0);
	return experiment;
}

static char *print(int (*write)(const void *what, FILE *file), const void *what)
{
	char *text;
	size_t room;
	FILE *file = open_memstream(&text, &room);

	assert_int_equal(write(what, file), 0);
	fclose(file);
	return text;
}

static int write_table(const void *experiment, FILE *file)
{
	return table_print(experiment, file);
}

static int write_comparison(const void *comparison, FILE *file)
{
	return comparison_print(comparison, file);
}

static void the_table_has_a_block_where_something_was_said(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run(*state, "001-idles-native", 0);
	experiment = load(*state);
	text = print(write_table, experiment);
	assert_null(strstr(text, "asked and answered"));
	free(text);
	experiment_free(experiment);
	add_run(*state, "002-talks-native", 20000);
	experiment = load(*state);
	text = print(write_table, experiment);
	assert_non_null(strstr(text, "What was asked and answered:\n"));
	assert_non_null(strstr(text, "idles      native            -    -    -           -\n"));
	assert_non_null(strstr(text, "talks      native        10000  150  900      200.00\n"));
	free(text);
	experiment_free(experiment);
}

static void json_has_null_where_nothing_was_said(void **state)
{
	struct experiment *experiment;
	json_t *table, *rows;

	add_run(*state, "001-idles-native", 0);
	add_run(*state, "002-talks-native", 20000);
	experiment = load(*state);
	table = table_json(experiment);
	rows = json_object_get(table, "rows");
	assert_true(
		json_is_null(json_object_get(json_array_get(rows, 0), "operations_per_second")));
	assert_true(json_is_null(json_object_get(json_array_get(rows, 0), "cpu_per_operation_ns")));
	assert_true(json_real_value(json_object_get(json_array_get(rows, 1),
						    "operations_per_second")) == 10000);
	assert_int_equal(
		json_integer_value(json_object_get(json_array_get(rows, 1), "latency_p99_ns")),
		900000);
	json_decref(table);
	experiment_free(experiment);
}

static void a_comparison_has_them_too(void **state)
{
	struct experiment *experiment;
	struct comparison comparison;
	char why[COMPARISON_WHY], *text;
	struct summary a, b;

	add_run(*state, "001-talks-native", 20000);
	experiment = load(*state);
	assert_int_equal(summary_build(&a, experiment), 0);
	assert_int_equal(summary_build(&b, experiment), 0);
	assert_int_equal(comparison_build(&comparison, &a, &b, NULL, why), 0);
	text = print(write_comparison, &comparison);
	assert_non_null(strstr(text, "server CPU operation, us"));
	assert_non_null(strstr(text, "operations a second"));
	assert_non_null(strstr(text, "latency p99, us"));
	free(text);
	comparison_free(&comparison);
	summary_free(&a);
	summary_free(&b);
	experiment_free(experiment);
}

static void half_window(struct traffic_row *row)
{
	row->end = RECORD_ABSENT;
}

static void backwards(struct traffic_row *row)
{
	row->end = row->begin - 1;
}

static void too_short(struct traffic_row *row)
{
	row->length--;
}

static void no_window(struct traffic_row *row)
{
	row->begin = row->end = RECORD_ABSENT;
}

static void no_latency(struct traffic_row *row)
{
	row->p99 = RECORD_ABSENT;
}

static void upside_down(struct traffic_row *row)
{
	row->p50 = row->p99 + 1;
}

static void no_count(struct traffic_row *row)
{
	row->operations = RECORD_ABSENT;
}

static void unknown_phase(struct traffic_row *row)
{
	row->number = 9;
}

static void outside(struct traffic_row *row)
{
	row->begin -= NS_PER_S;
	row->length += NS_PER_S;
}

static void damage_is_a_clear_line(void **state)
{
	static const struct {
		void (*damage)(struct traffic_row *row);
		const char *why;
	} cases[] = {
		{ half_window, "has half a window" },
		{ backwards, "has a window that ends before it begins" },
		{ too_short, "has a length_ns that is not its window's" },
		{ no_window, "has operations without a window" },
		{ no_latency, "has operations without their latency" },
		{ upside_down, "has a p50 above its p99" },
		{ no_count, "lacks a number" },
		{ unknown_phase, "is of a phase that is not in phases.csv" },
		{ outside, "has a window that is not within its phase" },
	};
	struct recording recording;
	struct experiment *experiment;
	char name[32], why[ROWS_WHY];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cases[i].damage(begin(&recording, 100));
		snprintf(name, sizeof(name), "%03zu-glibc-native", i);
		synthetic_folder(*state, name, "glibc", "native", &recording);
		recording_free(&recording);
	}
	experiment = load(*state);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(why, sizeof(why), "traffic.csv: line 3 %s", cases[i].why);
		assert_true(experiment->runs[i].is_void);
		assert_string_equal(experiment->runs[i].reason, why);
	}
	experiment_free(experiment);
}

static void a_phase_has_one_line(void **state)
{
	struct recording recording;
	char why[ROWS_WHY];

	(void)state;
	begin(&recording, 100);
	synthetic_traffic(&recording.operations, &recording.phases[BURST], 5, 1, 2);
	assert_int_equal(operations_check(&recording.operations, recording.phases,
					  recording.phase_count, why),
			 -EBADMSG);
	assert_string_equal(why, "traffic.csv: line 4 is of a phase that has a line already");
	recording_free(&recording);
}

static void a_torn_file_is_a_clear_line(void **state)
{
	struct operations operations;
	char path[512], why[ROWS_WHY];
	FILE *file;

	assert_int_equal(operations_load(&operations, *state, why), 0);
	assert_int_equal(operations.count, 0);
	snprintf(path, sizeof(path), "%s/traffic.csv", (char *)*state);
	file = fopen(path, "w");
	record_begin(&record_traffic, file);
	fputs("burst,1,2,3", file);
	fclose(file);
	assert_int_equal(operations_load(&operations, *state, why), -EBADMSG);
	assert_string_equal(why, "traffic.csv: line 3 is damaged");
	assert_null(operations.rows);
}

#define fresh(test) cmocka_unit_test_setup_teardown(test, synthetic_make, synthetic_remove)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_of_the_last_burst),
		cmocka_unit_test(loops_count_over_the_time_of_their_own),
		cmocka_unit_test(without_answers_all_is_unknown),
		cmocka_unit_test(without_cpu_time_the_rest_is_known),
		fresh(the_table_has_a_block_where_something_was_said),
		fresh(json_has_null_where_nothing_was_said),
		fresh(a_comparison_has_them_too),
		fresh(damage_is_a_clear_line),
		cmocka_unit_test(a_phase_has_one_line),
		fresh(a_torn_file_is_a_clear_line),
	};

	return unit_main(tests);
}
