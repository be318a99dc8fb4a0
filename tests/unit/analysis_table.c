/* analysis_table.c - the table, its JSON and the sentence: grouped, aligned, and all alike. */
#include "analysis/table.h"

#include "analysis/forms.h"
#include "tests/unit/measured.h"

static double keeps(double seconds)
{
	(void)seconds;
	return 110;
}

static void add_run(const char *directory, const char *name, const char *allocator,
		    const char *release, double (*after)(double))
{
	struct recording recording;

	synthetic_run(&recording, EPOCH, after);
	synthetic_folder(directory, name, allocator, release, &recording);
	recording_free(&recording);
}

static void add_void(const char *directory, const char *name)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "%s/%s", directory, name);
	assert_int_equal(mkdir(folder, 0755), 0);
	synthetic_document(folder, "run.json", "tidemark run",
			   json_pack("{s:s, s:s, s:s, s:s}", "allocator", "glibc", "release",
				     "native", "verdict", "void", "reason", "lost 3"));
}

static struct experiment *load(const char *directory)
{
	struct experiment *experiment;
	char why[LOAD_WHY];

	assert_int_equal(experiment_load(&experiment, directory, why), 0);
	return experiment;
}

/* What is printed, for the caller to free. */
static char *print(const struct experiment *experiment,
		   int (*printer)(const struct experiment *, FILE *))
{
	char *text;
	size_t room;
	FILE *file = open_memstream(&text, &room);

	assert_int_equal(printer(experiment, file), 0);
	fclose(file);
	return text;
}

static void assert_written(enum metric metric, enum measure_state state, double value,
			   const char *expected)
{
	struct measure measure = { state, value };
	char text[FORM_TEXT];

	assert_string_equal(form_write(text, form_of(metric), &measure), expected);
}

static void measures_are_written_for_people(void **state)
{
	(void)state;
	assert_written(METRIC_PEAK, MEASURE_VALUE, 1.5 * 0x1p20, "1.5");
	assert_written(METRIC_PEAK, MEASURE_ABSENT, 0, "-");
	assert_written(METRIC_FLOOR, MEASURE_CENSORED, 0x1p20, "<= 1.0");
	assert_written(METRIC_RETENTION_5, MEASURE_VALUE, 0.984, "98");
	assert_written(METRIC_RETENTION_5, MEASURE_VALUE, -0.001, "0");
	assert_written(METRIC_T50, MEASURE_VALUE, 1.234e9, "1.23 s");
	assert_written(METRIC_T50, MEASURE_CENSORED, 14.96e9, "> 15 s");
	assert_written(METRIC_T50, MEASURE_CENSORED, 2.5e9, "> 2.5 s");
	assert_written(METRIC_RATCHET, MEASURE_VALUE, -3.0 * 0x1p20, "-3.00");
	assert_written(METRIC_FAULTS, MEASURE_VALUE, 12345, "12345");
}

static void every_metric_has_one_form(void **state)
{
	int seen[METRIC_COUNT] = { 0 };

	(void)state;
	for (const struct metric_form *form = metric_forms; form->key; form++)
		seen[form->metric]++;
	for (int i = 0; i < METRIC_COUNT; i++)
		assert_int_equal(seen[i], 1);
}

static void repeats_become_one_row(void **state)
{
	struct experiment *experiment;
	struct summary summary;

	add_run(*state, "001-tcmalloc-native-r1", "tcmalloc", "native", keeps);
	add_run(*state, "002-glibc-close-r1", "glibc", "close", steps_down);
	add_run(*state, "003-glibc-native-r1", "glibc", "native", keeps);
	add_run(*state, "004-glibc-native-r2", "glibc", "native", steps_down);
	add_run(*state, "005-glibc-native-r3", "glibc", "native", steps_down);
	add_void(*state, "006-glibc-native-r4");
	experiment = load(*state);
	assert_int_equal(summary_build(&summary, experiment), 0);
	assert_int_equal(summary.count, 3);
	assert_int_equal(summary.voids, 1);
	assert_true(summary.repeated);
	/* By allocator, the control first. */
	assert_string_equal(summary.rows[0].first->name, "003-glibc-native-r1");
	assert_string_equal(summary.rows[1].first->name, "002-glibc-close-r1");
	assert_string_equal(summary.rows[2].first->name, "001-tcmalloc-native-r1");
	assert_int_equal(summary.rows[0].runs, 3);
	assert_value(&summary.rows[0].metrics[METRIC_FLOOR], 20.0 * MIB, 1);
	assert_value(&summary.rows[0].metrics[METRIC_T50], 2e9, 1);
	summary_free(&summary);
	experiment_free(experiment);
}

static void a_factor_that_differs_gets_a_column(void **state)
{
	struct experiment *experiment;
	struct summary summary;
	char folder[256], *text;

	add_run(*state, "001-glibc-native", "glibc", "native", keeps);
	add_run(*state, "002-glibc-native", "glibc", "native", keeps);
	snprintf(folder, sizeof(folder), "%s/002-glibc-native", (char *)*state);
	synthetic_document(folder, "run.json", "tidemark run",
			   json_pack("{s:s, s:s, s:s, s:I, s:{s:[s,s]}}", "allocator", "glibc",
				     "release", "native", "verdict", "complete", "memory_limit",
				     (json_int_t)(64 << 20), "server", "tune",
				     "trim_threshold=1 (in effect: 1)", "top_pad=0"));
	experiment = load(*state);
	assert_int_equal(summary_build(&summary, experiment), 0);
	assert_int_equal(summary.count, 2);
	assert_true(summary.shown[FACTOR_TUNE]);
	assert_true(summary.shown[FACTOR_MEMORY_LIMIT]);
	assert_false(summary.shown[FACTOR_SURVIVORS]);
	assert_string_equal(summary.rows[1].first->factors[FACTOR_TUNE],
			    "trim_threshold=1 top_pad=0");
	summary_free(&summary);
	text = print(experiment, table_print);
	assert_non_null(strstr(text, "trim_threshold=1 top_pad=0"));
	assert_non_null(strstr(text, "64.0 MiB"));
	free(text);
	experiment_free(experiment);
}

static void columns_are_aligned(void **state)
{
	struct experiment *experiment;
	char *text, *line, *rest;
	size_t width = 0;
	int lines = 0;

	add_run(*state, "001-glibc-native", "glibc", "native", keeps);
	add_run(*state, "002-jemalloc-quiet=1s", "jemalloc", "quiet=1s", steps_down);
	experiment = load(*state);
	text = rest = print(experiment, table_print);
	strsep(&rest, "\n"); /* the heads of groups end early */
	while ((line = strsep(&rest, "\n")) && *line) {
		if (!lines++)
			width = strlen(line);
		assert_int_equal(strlen(line), width);
	}
	assert_int_equal(lines, 4);
	assert_true(width <= 160);
	free(text);
	experiment_free(experiment);
}

static void the_table_says_what_is_censored_and_void(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run(*state, "001-jemalloc-native", "jemalloc", "native", keeps);
	add_void(*state, "002-glibc-native");
	experiment = load(*state);
	text = print(experiment, table_print);
	assert_non_null(strstr(text, "<= 110.0"));
	assert_non_null(strstr(text, "> 15 s"));
	assert_non_null(strstr(text, "shorter than 4 x its decay of 10 s"));
	assert_non_null(strstr(text, "void: 002-glibc-native: lost 3\n"));
	free(text);
	experiment_free(experiment);
}

/* What is noted of 2 releases that gave back 1 of 1,000 bytes, where so much stayed. */
static const char *note_of(char note[SUMMARY_NOTE], struct measure floor)
{
	struct run run = { .name = "001" };
	struct summary summary = { 0 };
	struct summary_row row = {
		.first = &run,
		.metrics = {
			[METRIC_PEAK] = { MEASURE_VALUE, 1000 },
			[METRIC_BASE] = { MEASURE_VALUE, 10 },
			[METRIC_LIVE] = { MEASURE_VALUE, 20 },
			[METRIC_FLOOR] = floor,
			[METRIC_RELEASES] = { MEASURE_VALUE, 2 },
			[METRIC_RELEASED] = { MEASURE_VALUE, 1 },
		},
	};

	run.factors[FACTOR_ALLOCATOR] = "glibc";
	run.factors[FACTOR_RELEASE] = "close";
	return summary_note(note, &summary, &row);
}

static void releasing_nothing_is_noted_where_there_was_something(void **state)
{
	char note[SUMMARY_NOTE];

	(void)state;
	assert_non_null(note_of(note, (struct measure){ MEASURE_VALUE, 990 }));
	assert_non_null(strstr(note, "glibc close: released nothing: 2 releases"));
	assert_null(note_of(note, (struct measure){ MEASURE_VALUE, 31 }));
}

/* glibc has no decay to wait for. */
static void a_window_under_a_second_is_noted(void **state)
{
	char note[SUMMARY_NOTE];

	(void)state;
	assert_non_null(note_of(note, (struct measure){ MEASURE_CENSORED, 990 }));
	assert_non_null(strstr(note, "less than a second of the window"));
}

static void json_has_raw_units(void **state)
{
	struct experiment *experiment;
	json_t *table, *row;

	add_run(*state, "001-jemalloc-native", "jemalloc", "native", keeps);
	add_void(*state, "002-glibc-native");
	experiment = load(*state);
	table = table_json(experiment);
	assert_int_equal(json_array_size(json_object_get(table, "rows")), 1);
	row = json_array_get(json_object_get(table, "rows"), 0);
	assert_int_equal(json_integer_value(json_object_get(row, "peak_bytes")), 110 * MIB);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(row, "floor_bytes"),
							    "censored_bytes")),
			 110 * MIB);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(row, "t50_ns"), "censored_ns")),
		15 * NS_PER_S);
	assert_true(json_is_null(json_object_get(row, "release_stall_max_ns")));
	assert_true(fabs(json_real_value(json_object_get(row, "retention_5s")) - 0.95) < 1e-6);
	row = json_array_get(json_object_get(table, "void"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "reason")), "lost 3");
	json_decref(table);
	experiment_free(experiment);
}

static void the_sentence_compares_native_with_the_best_release(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run(*state, "001-glibc-native", "glibc", "native", keeps);
	add_run(*state, "002-tcmalloc-native", "tcmalloc", "native", keeps);
	add_run(*state, "003-glibc-quiet=1s", "glibc", "quiet=1s", steps_down);
	add_run(*state, "004-tcmalloc-quiet=1s", "tcmalloc", "quiet=1s", keeps);
	add_run(*state, "005-glibc-close", "glibc", "close", keeps);
	experiment = load(*state);
	text = print(experiment, takeaway_print);
	assert_string_equal(text, "15 s after the last burst, glibc still held 95 % of what the "
				  "burst had added and tcmalloc 95 %; with release quiet=1s glibc "
				  "held 5 % and tcmalloc 95 %.\n");
	free(text);
	experiment_free(experiment);
}

static void many_allocators_are_given_as_a_range(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run(*state, "001-a-native", "a", "native", keeps);
	add_run(*state, "002-b-native", "b", "native", steps_down);
	add_run(*state, "003-c-native", "c", "native", keeps);
	add_run(*state, "004-d-native", "d", "native", keeps);
	add_run(*state, "005-e-native", "e", "native", keeps);
	experiment = load(*state);
	text = print(experiment, takeaway_print);
	assert_string_equal(text, "15 s after the last burst, the allocators still held from 5 % "
				  "(b) to 95 % (a) of what the burst had added.\n");
	free(text);
	experiment_free(experiment);
}

static void variants_of_one_allocator_are_named(void **state)
{
	struct experiment *experiment;
	char folder[256], *text;

	add_run(*state, "001-glibc-native", "glibc", "native", keeps);
	add_run(*state, "002-glibc-native", "glibc", "native", steps_down);
	add_run(*state, "003-glibc-close", "glibc", "close", steps_down);
	snprintf(folder, sizeof(folder), "%s/002-glibc-native", (char *)*state);
	synthetic_document(folder, "run.json", "tidemark run",
			   json_pack("{s:s, s:s, s:s, s:{s:[s]}}", "allocator", "glibc", "release",
				     "native", "verdict", "complete", "server", "tune",
				     "mxfast=0"));
	experiment = load(*state);
	text = print(experiment, takeaway_print);
	assert_string_equal(text, "15 s after the last burst, the allocators still held from 5 % "
				  "(glibc, tune mxfast=0) to 95 % (glibc, defaults) of what the "
				  "burst had added; with release close glibc, defaults held "
				  "5 %.\n");
	free(text);
	experiment_free(experiment);
}

static void what_is_alike_is_named_once(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run(*state, "001-a-native", "a", "native", keeps);
	add_run(*state, "002-b-native", "b", "native", keeps);
	add_run(*state, "003-c-native", "c", "native", keeps);
	add_run(*state, "004-d-native", "d", "native", keeps);
	add_run(*state, "005-e-native", "e", "native", keeps);
	add_run(*state, "006-e-close", "e", "close", steps_down);
	experiment = load(*state);
	text = print(experiment, takeaway_print);
	assert_string_equal(text, "15 s after the last burst, the allocators all still held 95 % "
				  "of what the burst had added; with release close e held 5 %.\n");
	free(text);
	experiment_free(experiment);
}

static void without_a_complete_run_nothing_is_concluded(void **state)
{
	struct experiment *experiment;
	char *text;

	add_void(*state, "001-glibc-native");
	experiment = load(*state);
	text = print(experiment, takeaway_print);
	assert_non_null(strstr(text, "nothing to conclude"));
	free(text);
	text = print(experiment, table_print);
	assert_string_equal(text, "void: 001-glibc-native: lost 3\n");
	free(text);
	experiment_free(experiment);
}

#define fresh(test) cmocka_unit_test_setup_teardown(test, synthetic_make, synthetic_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measures_are_written_for_people),
		cmocka_unit_test(every_metric_has_one_form),
		fresh(repeats_become_one_row),
		fresh(a_factor_that_differs_gets_a_column),
		fresh(columns_are_aligned),
		fresh(the_table_says_what_is_censored_and_void),
		cmocka_unit_test(releasing_nothing_is_noted_where_there_was_something),
		cmocka_unit_test(a_window_under_a_second_is_noted),
		fresh(json_has_raw_units),
		fresh(the_sentence_compares_native_with_the_best_release),
		fresh(many_allocators_are_given_as_a_range),
		fresh(variants_of_one_allocator_are_named),
		fresh(what_is_alike_is_named_once),
		fresh(without_a_complete_run_nothing_is_concluded),
	};

	return unit_main(tests);
}
