/* load.c - experiments from disk, whole and damaged: a clear line, no crash, no silent zero. */
#include "analysis/load.h"

#include <errno.h>

#include "tests/unit/measured.h"

static void add_run(const char *directory, const char *name, const char *allocator,
		    const char *release)
{
	struct recording recording;

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_folder(directory, name, allocator, release, &recording);
	recording_free(&recording);
}

static void write_text(const char *directory, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

static struct experiment *load(const char *directory)
{
	struct experiment *experiment;
	char why[LOAD_WHY];

	assert_int_equal(experiment_load(&experiment, directory, why), 0);
	return experiment;
}

/* The only run must be void, for a reason that holds text. */
static void assert_void(const char *directory, const char *text)
{
	struct experiment *experiment = load(directory);

	assert_int_equal(experiment->count, 1);
	assert_true(experiment->runs[0].is_void);
	assert_non_null(strstr(experiment->runs[0].reason, text));
	assert_null(strchr(experiment->runs[0].reason, '\n'));
	experiment_free(experiment);
}

static void runs_come_in_order_with_their_metrics(void **state)
{
	struct experiment *experiment;

	add_run(*state, "002-jemalloc-quiet=1s", "jemalloc", "quiet=1s");
	add_run(*state, "001-glibc-native", "glibc", "native");
	experiment = load(*state);
	assert_int_equal(experiment->count, 2);
	assert_string_equal(experiment->runs[0].factors[FACTOR_ALLOCATOR], "glibc");
	assert_string_equal(experiment->runs[1].factors[FACTOR_RELEASE], "quiet=1s");
	assert_false(experiment->runs[1].is_void);
	assert_value(&experiment->runs[0].metrics[METRIC_RETENTION_5], 0.05, 1e-6);
	assert_int_equal(experiment->runs[0].decay, 0);
	assert_int_equal(experiment->runs[1].decay, 10 * NS_PER_S);
	experiment_free(experiment);
}

/* What an older record does not say has its default; what this one says is taken. */
static void factors_are_read_or_have_their_defaults(void **state)
{
	static const char *const standard[FACTOR_COUNT] = { "glibc",   "native", "",
							    "session", "1%",	 "scattered",
							    "none",    "on",	 "single",
							    "1",       "idle" };
	static const char *const given[FACTOR_COUNT] = { "go-http", "native", "a=1 b=2", "64,256",
							 "5%",	    "oldest", "1.0 MiB", "off",
							 "thread",  "4",      "echo" };
	struct experiment *experiment;
	char folder[256];

	add_run(*state, "001-glibc-native", "glibc", "native");
	add_run(*state, "002-go-http", "go-http", "native");
	snprintf(folder, sizeof(folder), "%s/002-go-http", (char *)*state);
	synthetic_document(
		folder, "run.json", "tidemark run",
		json_pack(
			"{s:s, s:s, s:s, s:[s,s], s:s, s:s, s:s, s:i, s:b, s:s, s:i, s:s, s:b, s:i}",
			"verdict", "complete", "allocator", "go-http", "release", "native", "tune",
			"a=1", "b=2", "footprint", "64,256", "survivors", "5%", "survivors_order",
			"oldest", "memory_limit", 1 << 20, "trickle", 0, "arch", "thread",
			"workers", 4, "protocol", "echo", "foreign", 1, "repeat", 3));
	experiment = load(*state);
	for (int i = 0; i < FACTOR_COUNT; i++) {
		assert_string_equal(experiment->runs[0].factors[i], standard[i]);
		assert_string_equal(experiment->runs[1].factors[i], given[i]);
	}
	assert_false(experiment->runs[0].foreign || experiment->runs[1].is_void);
	assert_true(experiment->runs[1].foreign);
	assert_int_equal(experiment->runs[0].repeat, 0);
	assert_int_equal(experiment->runs[1].repeat, 3);
	experiment_free(experiment);
}

/* Of a server that is not ours: compared as the first of ours, and never shown. */
static void arch_and_workers_of_a_foreign_server_are_unknown(void **state)
{
	struct experiment *experiment;
	char folder[256];
	json_t *lists = json_pack("{s:[s,s], s:[s,s]}", "archs", "multi", "single",
				  "workers_counts", "4", "2");

	synthetic_document(*state, "experiment.json", "tidemark experiment", lists);
	add_run(*state, "001-go-http", "go-http", "native");
	snprintf(folder, sizeof(folder), "%s/001-go-http", (char *)*state);
	synthetic_document(folder, "run.json", "tidemark run",
			   json_pack("{s:s, s:s, s:s, s:n, s:n, s:b}", "verdict", "complete",
				     "allocator", "go-http", "release", "native", "arch", "workers",
				     "foreign", 1));
	experiment = load(*state);
	assert_false(experiment->runs[0].is_void);
	assert_string_equal(experiment->runs[0].factors[FACTOR_ARCH], "multi");
	assert_string_equal(experiment->runs[0].factors[FACTOR_WORKERS], "4");
	assert_false(run_knows(&experiment->runs[0], FACTOR_ARCH));
	assert_false(run_knows(&experiment->runs[0], FACTOR_WORKERS));
	assert_true(run_knows(&experiment->runs[0], FACTOR_PROTOCOL));
	experiment_free(experiment);
}

static void unfinished_runs_are_left_out(void **state)
{
	struct experiment *experiment;

	add_run(*state, "001-glibc-native", "glibc", "native");
	add_run(*state, "002-glibc-native.part", "glibc", "native");
	experiment = load(*state);
	assert_int_equal(experiment->count, 1);
	experiment_free(experiment);
}

static void a_void_run_keeps_its_reason(void **state)
{
	char folder[256];

	add_run(*state, "001-glibc-native", "glibc", "native");
	snprintf(folder, sizeof(folder), "%s/001-glibc-native", (char *)*state);
	synthetic_document(folder, "run.json", "tidemark run",
			   json_pack("{s:s, s:s, s:s, s:s}", "allocator", "glibc", "release",
				     "native", "verdict", "void", "reason", "burst 2 fell short"));
	assert_void(*state, "burst 2 fell short");
}

static void damaged_files_make_a_run_void(void **state)
{
	static const struct {
		const char *name, *text, *reason;
	} damages[] = {
		{ "run.json", "{\"format\":", "run.json: " },
		{ "run.json", "[1]", "run.json: not a 'tidemark run'" },
		{ "run.json", "{\"format\":\"tidemark run\",\"version\":2}",
		  "run.json: of version 2; this tidemark reads version 1" },
		{ "run.json", "{\"format\":\"tidemark run\",\"version\":1}", "no verdict" },
		{ "run.json",
		  "{\"format\":\"tidemark run\",\"version\":1,\"verdict\":\"complete\"}",
		  "run.json: allocator is missing" },
		{ "samples.csv", "", "samples.csv: no such record" },
		{ "rollups.csv", "# tidemark phases 1 \nx\n", "rollups.csv: no such record" },
		{ "phases.csv", "\xff\xfe\x00", "phases.csv: no such record" },
	};
	char folder[256];

	snprintf(folder, sizeof(folder), "%s/001-glibc-native", (char *)*state);
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		const char *files[] = { "run.json", "samples.csv", "rollups.csv", "phases.csv" };
		char path[512];

		add_run(*state, "001-glibc-native", "glibc", "native");
		write_text(folder, damages[i].name, damages[i].text);
		assert_void(*state, damages[i].reason);
		for (size_t j = 0; j < 4; j++) {
			snprintf(path, sizeof(path), "%s/%s", folder, files[j]);
			assert_int_equal(unlink(path), 0);
		}
		assert_int_equal(rmdir(folder), 0);
	}
}

static void a_missing_file_makes_a_run_void(void **state)
{
	char path[512];

	add_run(*state, "001-glibc-native", "glibc", "native");
	snprintf(path, sizeof(path), "%s/001-glibc-native/rollups.csv", (char *)*state);
	assert_int_equal(unlink(path), 0);
	assert_void(*state, "rollups.csv: No such file");
}

/* Cut off at any place, a record is void or whole up to a line; it never crashes the reader. */
static void records_cut_off_anywhere_are_survived(void **state)
{
	struct experiment *experiment;
	char path[512];
	long size = 0;

	add_run(*state, "001-glibc-native", "glibc", "native");
	snprintf(path, sizeof(path), "%s/001-glibc-native/phases.csv", (char *)*state);
	for (struct stat status; !stat(path, &status) && status.st_size; size = status.st_size) {
		assert_int_equal(truncate(path, status.st_size - 1), 0);
		experiment = load(*state);
		if (experiment->runs[0].is_void)
			assert_true(strlen(experiment->runs[0].reason) > 0);
		else
			assert_value(&experiment->runs[0].metrics[METRIC_PEAK], 110.0 * MIB, 1);
		experiment_free(experiment);
	}
	assert_int_equal(size, 1);
}

static void refuse(const char *directory, struct recording *recording, const char *reason)
{
	char path[512];

	synthetic_folder(directory, "001-glibc-native", "glibc", "native", recording);
	recording_free(recording);
	assert_void(directory, reason);
	snprintf(path, sizeof(path), "%s/001-glibc-native", directory);
	assert_int_equal(nftw(path, synthetic_unlink, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void rows_that_do_not_fit_together_are_refused(void **state)
{
	struct recording recording;

	synthetic_run(&recording, EPOCH, steps_down);
	recording.samples[100].time = EPOCH;
	refuse(*state, &recording, "samples.csv: the time in line 103 lies before");

	synthetic_run(&recording, EPOCH, steps_down);
	recording.samples[7].time = RECORD_ABSENT;
	refuse(*state, &recording, "samples.csv: the time in line 10 is missing");

	synthetic_run(&recording, EPOCH, steps_down);
	recording.phases[2].end = recording.phases[2].start - 1;
	refuse(*state, &recording, "phases.csv: line 5 has no end");

	synthetic_run(&recording, EPOCH, steps_down);
	recording.phase_count = 4;
	refuse(*state, &recording, "no window");

	synthetic_run(&recording, EPOCH, steps_down);
	recording.phase_count = 1;
	refuse(*state, &recording, "no burst");

	synthetic_run(&recording, EPOCH, steps_down);
	recording.sample_count = 1000; /* 10 s of 24 */
	refuse(*state, &recording, "samples.csv ends before the window did");

	synthetic_run(&recording, EPOCH, steps_down);
	recording.sample_count = 0;
	refuse(*state, &recording, "samples.csv begins after the first burst did");

	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < recording.sample_count; i++)
		recording.samples[i].anon = RECORD_ABSENT;
	refuse(*state, &recording, "does not say what the last burst held");
}

/* The synthetic machine has two CPUs. */
static void values_that_no_machine_has_are_refused(void **state)
{
	struct recording recording;

	synthetic_run(&recording, EPOCH, steps_down);
	recording.samples[100].anon = UINT64_C(1) << 49;
	refuse(*state, &recording, "samples.csv: line 103 has more anon_bytes than the machine");

	synthetic_run(&recording, EPOCH, steps_down);
	for (size_t i = 0; i < recording.sample_count; i++)
		recording.samples[i].anon = 0;
	refuse(*state, &recording, "samples.csv: anon_bytes is 0 in every line");

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_rollup(&recording, EPOCH)->lazyfree = UINT64_C(1) << 49;
	refuse(*state, &recording, "rollups.csv: line 3 has more anonymous memory");

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_usage(&recording.usage, EPOCH);
	recording.usage.totals[recording.usage.total_count - 1].cpu += 3 * NS_PER_S;
	refuse(*state, &recording, "has more CPU time than all CPUs have");

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_usage(&recording.usage, EPOCH);
	recording.usage.threads[0].user = UINT64_MAX - 1;
	refuse(*state, &recording, "threads.csv: line 3 has more CPU time");

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_usage(&recording.usage, EPOCH);
	recording.usage.threads[1].thread = UINT64_C(1) << 40;
	refuse(*state, &recording, "threads.csv: line 4 names what cannot be a thread");
}

/* The same sample on a machine with that much memory. */
static void memory_is_bounded_by_that_of_the_machine(void **state)
{
	struct recording recording;

	synthetic_document(*state, "experiment.json", "tidemark experiment",
			   json_pack("{s:{s:s}}", "environment", "memory", "102400 kB"));
	synthetic_run(&recording, EPOCH, steps_down); /* 110 MiB at the peak */
	refuse(*state, &recording, "has more anon_bytes than the machine has memory");
}

static void assert_refused(const char *directory, const char *text)
{
	struct experiment *experiment;
	char why[LOAD_WHY];

	assert_true(experiment_load(&experiment, directory, why) < 0);
	assert_null(experiment);
	assert_non_null(strstr(why, text));
	assert_null(strchr(why, '\n'));
}

static void what_is_no_experiment_is_refused(void **state)
{
	assert_refused("/nonexistent", "/nonexistent is not the directory of an experiment: "
				       "experiment.json: No such file or directory");
	assert_refused(*state, "no finished run in it");
	write_text(*state, "experiment.json", "{");
	assert_refused(*state, "experiment.json: ");
	write_text(*state, "experiment.json", "{\"format\":\"tidemark run\",\"version\":1}");
	assert_refused(*state, "not a 'tidemark experiment'");
}

#define fresh(test) cmocka_unit_test_setup_teardown(test, synthetic_make, synthetic_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fresh(runs_come_in_order_with_their_metrics),
		fresh(factors_are_read_or_have_their_defaults),
		fresh(arch_and_workers_of_a_foreign_server_are_unknown),
		fresh(unfinished_runs_are_left_out),
		fresh(a_void_run_keeps_its_reason),
		fresh(damaged_files_make_a_run_void),
		fresh(a_missing_file_makes_a_run_void),
		fresh(records_cut_off_anywhere_are_survived),
		fresh(rows_that_do_not_fit_together_are_refused),
		fresh(values_that_no_machine_has_are_refused),
		fresh(memory_is_bounded_by_that_of_the_machine),
		fresh(what_is_no_experiment_is_refused),
	};

	return unit_main(tests);
}
