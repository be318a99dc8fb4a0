/* usage.c - CPU time of a run: what it comes to, and what a damaged record says. */
#include "analysis/usage.h"

#include <errno.h>

#include "analysis/load.h"
#include "tests/unit/measured.h"

#define S NS_PER_S

static void between_rows_it_grows_evenly(void **state)
{
	struct usage usage = { 0 };

	(void)state;
	assert_true(isnan(usage_between(&usage, 1, 2)));
	synthetic_total(&usage, EPOCH, 5 * S);
	synthetic_total(&usage, EPOCH + 4 * S, 7 * S);
	synthetic_total(&usage, EPOCH + 4 * S, 7 * S);
	synthetic_total(&usage, EPOCH + 5 * S, 7 * S);
	assert_float_equal(usage_between(&usage, EPOCH, EPOCH + 5 * S), 2e9, 1);
	assert_float_equal(usage_between(&usage, EPOCH + S, EPOCH + 3 * S), 1e9, 1);
	assert_float_equal(usage_between(&usage, EPOCH + 2 * S, EPOCH + 4 * S), 1e9, 1);
	assert_float_equal(usage_between(&usage, EPOCH + 4 * S, EPOCH + 5 * S), 0, 0);
	assert_true(isnan(usage_between(&usage, EPOCH - 1, EPOCH + S)));
	assert_true(isnan(usage_between(&usage, EPOCH, EPOCH + 5 * S + 1)));
	usage_free(&usage);
}

static void metrics_of_cpu_time(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_usage(&recording.usage, EPOCH);
	recording.phases[3].connected = 1000;
	compute(&recording, metrics);
	/* 1 s in the first burst, 4 s in the second, a quarter of it in user space */
	assert_value(&metrics[METRIC_CPU_USER], 1.25e9, 1e3);
	assert_value(&metrics[METRIC_CPU_SYSTEM], 3.75e9, 1e3);
	assert_value(&metrics[METRIC_CPU], 5e9, 1e3);
	assert_value(&metrics[METRIC_CPU_CONNECTION], 4e6, 1);
}

static void unrecorded_it_is_absent(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	compute(&recording, metrics);
	for (int i = METRIC_CPU_USER; i <= METRIC_CPU_CONNECTION; i++)
		assert_int_equal(metrics[i].state, MEASURE_ABSENT);
}

/* Where the probe began late or ended early, part of it is no figure. */
static void a_record_that_is_too_short_is_none(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_usage(&recording.usage, EPOCH);
	recording.usage.total_count = 1000; /* 10 s */
	compute(&recording, metrics);
	assert_int_equal(metrics[METRIC_CPU_USER].state, MEASURE_ABSENT);
	assert_int_equal(metrics[METRIC_CPU_SYSTEM].state, MEASURE_ABSENT);
}

/* Of threads in reading order: begin and end of each reading. */
static void readings_end_where_time_moves_on(void **state)
{
	struct usage usage = { 0 };

	(void)state;
	synthetic_thread(&usage, 1 * S, "a", 1, 1);
	synthetic_thread(&usage, 1 * S, "-", RECORD_ABSENT, 0);
	synthetic_thread(&usage, 2 * S, "-", RECORD_ABSENT, 1);
	assert_int_equal(usage_reading_end(&usage, 0), 2);
	assert_int_equal(usage_reading_end(&usage, 2), 3);
	usage_free(&usage);
}

static void write_text(const char *directory, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

#define TOTALS "# tidemark cpu 1 x\ntime_ns,processes,cpu_ns\n"
#define THREADS                                                                                    \
	"# tidemark threads 1 x\nname,time_ns,pid,thread,threads,cpu_ns,cpu_user_ns,cpu_system_ns\n"

static void damage_is_a_clear_line(void **state)
{
	static const struct {
		const char *name, *text, *why;
	} cases[] = {
		{ "cpu.csv", TOTALS "1,1,5\n2,1,4\n",
		  "cpu.csv: line 4 has less CPU time than the last one" },
		{ "cpu.csv", TOTALS "2,1,5\n1,1,5\n",
		  "cpu.csv: line 4 lies before the last one in time" },
		{ "cpu.csv", TOTALS "2,1,\n", "cpu.csv: line 3 lacks a number" },
		{ "cpu.csv", TOTALS "2,1,5", "cpu.csv: line 3 is damaged" },
		{ "threads.csv", THREADS "a,1,1,1,1,5,5,0\na,1,x,",
		  "threads.csv: line 4 is damaged" },
		{ "threads.csv", THREADS "a,2,1,1,1,5,5,0\na,1,1,1,1,5,5,0\n",
		  "threads.csv: line 4 lies before the last one in time" },
		{ "threads.csv", THREADS "a,2,1,1,1,,5,0\n", "threads.csv: line 3 lacks a number" },
		{ "threads.csv", "", "threads.csv: no such record, or of another version" },
	};
	char why[ROWS_WHY];
	struct usage usage;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_text(*state, "cpu.csv", TOTALS "1,1,5\n");
		write_text(*state, "threads.csv", THREADS "a,1,1,,1,5,,\n");
		assert_int_equal(usage_load(&usage, *state, why), 0);
		assert_int_equal(usage.threads[0].thread, RECORD_ABSENT);
		usage_free(&usage);
		write_text(*state, cases[i].name, cases[i].text);
		assert_true(usage_load(&usage, *state, why) < 0);
		assert_string_equal(why, cases[i].why);
		assert_null(usage.threads);
	}
}

static void what_is_written_is_read(void **state)
{
	struct recording recording;
	struct experiment *experiment;
	char why[LOAD_WHY];

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_usage(&recording.usage, EPOCH);
	synthetic_folder(*state, "001-glibc-native", "glibc", "native", &recording);
	recording_free(&recording);
	assert_int_equal(experiment_load(&experiment, *state, why), 0);
	assert_false(experiment->runs[0].is_void);
	assert_value(&experiment->runs[0].metrics[METRIC_CPU_USER], 1.25e9, 1e3);
	experiment_free(experiment);
}

#define fresh(test) cmocka_unit_test_setup_teardown(test, synthetic_make, synthetic_remove)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(between_rows_it_grows_evenly),
		cmocka_unit_test(metrics_of_cpu_time),
		cmocka_unit_test(unrecorded_it_is_absent),
		cmocka_unit_test(a_record_that_is_too_short_is_none),
		cmocka_unit_test(readings_end_where_time_moves_on),
		fresh(damage_is_a_clear_line),
		fresh(what_is_written_is_read),
	};

	return unit_main(tests);
}
