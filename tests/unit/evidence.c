/* evidence.c - the probe's records on disk, and what table, JSON, notes and bars make of them. */
#include "analysis/evidence.h"

#include "analysis/bars.h"
#include "analysis/table.h"
#include "analysis/tidy.h"
#include "tests/unit/measured.h"

#define AT(ms) (EPOCH + (ms)*MS)

/* A run that gave 50 MiB back, and with connections of so many bytes of kernel memory. */
static void add_run(const char *directory, const char *name, const char *allocator, uint64_t sock,
		    uint64_t missed)
{
	struct recording recording;
	struct evidence *evidence = &recording.evidence;

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_programs(evidence);
	synthetic_release(evidence, "policy", 50 * MIB, 0)->duration = 3 * MS;
	synthetic_event(evidence, "policy", AT(5000), 50 * MIB);
	synthetic_process(evidence, 1, AT(5500), 1000, 0);
	synthetic_process(evidence, 1, AT(8200), 7400, 0);
	synthetic_bill(evidence, "server", "sock", AT(7000), 10, sock);
	synthetic_bill(evidence, "server", "file", AT(7000), 10, 200);
	synthetic_bill(evidence, "server", "connection", AT(7000), 10, sock + 200);
	if (missed)
		synthetic_loss(evidence, "events_dropped", "-", missed);
	synthetic_folder(directory, name, allocator, "quiet=1s", &recording);
	recording_free(&recording);
}

static void add_run_without(const char *directory, const char *name, bool recorded)
{
	struct recording recording;

	synthetic_run(&recording, EPOCH, steps_down);
	if (recorded)
		synthetic_loss(&recording.evidence, "bills_dropped", "-", 0);
	synthetic_folder(directory, name, "none", "native", &recording);
	recording_free(&recording);
}

static void write_text(const char *directory, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static struct experiment *load(const char *directory)
{
	struct experiment *experiment;
	char why[LOAD_WHY];

	assert_int_equal(experiment_load(&experiment, directory, why), 0);
	return experiment;
}

static char *print(const struct experiment *experiment)
{
	char *text;
	size_t room;
	FILE *file = open_memstream(&text, &room);

	assert_int_equal(table_print(experiment, file), 0);
	fclose(file);
	return text;
}

static void records_are_read(void **state)
{
	struct experiment *experiment;
	const struct evidence *evidence;

	add_run(*state, "001-a", "a", 2500, 0);
	experiment = load(*state);
	evidence = &experiment->runs[0].recording.evidence;
	assert_true(evidence->recorded);
	assert_int_equal(evidence->release_count, 1);
	assert_int_equal(evidence->event_count, 1);
	assert_int_equal(evidence->process_count, 2);
	assert_int_equal(evidence->bill_count, 3);
	assert_true(evidence_tells_causes(evidence));
	assert_null(evidence_unwatched(evidence, 0));
	/* 6,400 pages of 4 KiB, half of 50 MiB: the page size is that of experiment.json. */
	assert_value(&experiment->runs[0].metrics[METRIC_REFAULT], 0.5, 1e-9);
	experiment_free(experiment);
}

static void a_damaged_record_makes_the_run_void(void **state)
{
	struct experiment *experiment;

	add_run(*state, "001-a", "a", 2500, 0);
	write_text(*state, "001-a/bill.csv", "no record\n\n");
	add_run(*state, "002-a", "a", 2500, 0);
	write_text(*state, "002-a/losses.csv",
		   "# tidemark losses 1 boot_id=x\nloss,program,count\nevents_dropped,-,1");
	experiment = load(*state);
	assert_true(experiment->runs[0].is_void);
	assert_string_equal(experiment->runs[0].reason,
			    "bill.csv: no such record, or of another version");
	assert_true(experiment->runs[1].is_void);
	assert_string_equal(experiment->runs[1].reason, "losses.csv: line 3 is damaged");
	experiment_free(experiment);
}

static void what_is_missing_is_said_with_the_reason(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run(*state, "001-a", "a", 2500, 0);
	add_run_without(*state, "002-none", true);
	write_text(*state, "002-none/probe.log",
		   "  follow_fork       attached  workers\n"
		   "  page_freed        skipped   not permitted: CAP_BPF is missing\n");
	add_run_without(*state, "003-none", false);
	experiment = load(*state);
	assert_false(experiment->runs[1].is_void);
	text = print(experiment);
	assert_non_null(strstr(text, "No eBPF, so it is not known who gave memory back"));
	assert_non_null(strstr(text, " in 1 of 3 runs (not permitted: CAP_BPF is missing; see "
				     "002-none/probe.log)."));
	assert_non_null(strstr(text, "no record of releases and kernel memory in 1 of 3 runs (see "
				     "003-none/probe.log)."));
	free(text);
	experiment_free(experiment);
}

static void losses_are_marked_and_named(void **state)
{
	struct experiment *experiment;
	json_t *table, *row, *loss;
	char *text;

	add_run(*state, "001-a", "a", 2500, 12);
	experiment = load(*state);
	text = print(experiment);
	assert_non_null(strstr(text, "0.50?"));
	assert_non_null(strstr(text, "001-a: the probe lost 12 x events_dropped (touches "
				     "refault).\n"));
	assert_null(strstr(text, "50.0?"));
	assert_null(strstr(text, "unknown  "));
	free(text);
	table = table_json(experiment);
	row = json_array_get(json_object_get(table, "rows"), 0);
	assert_int_equal(json_integer_value(json_object_get(row, "released_by_policy_bytes")),
			 50 * MIB);
	assert_int_equal(json_integer_value(json_object_get(row, "kernel_bytes_per_connection")),
			 2700);
	assert_string_equal(json_string_value(json_object_get(row, "kernel_source")), "exact");
	assert_true(fabs(json_real_value(json_object_get(row, "refault_ratio")) - 0.5) < 1e-9);
	assert_int_equal(json_array_size(json_object_get(row, "losses")), 1);
	loss = json_array_get(json_object_get(row, "losses"), 0);
	assert_string_equal(json_string_value(json_object_get(loss, "loss")), "events_dropped");
	assert_int_equal(json_integer_value(json_object_get(loss, "count")), 12);
	assert_string_equal(json_string_value(json_array_get(json_object_get(loss, "touches"), 0)),
			    "refault_ratio");
	json_decref(table);
	experiment_free(experiment);
}

static size_t count_lines(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)); text++)
		count++;
	return count;
}

static void losses_of_one_kind_are_one_line(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run(*state, "001-a", "a", 2500, 12);
	add_run(*state, "002-a", "a", 2500, 0);
	add_run(*state, "003-b", "b", 2500, 30);
	add_run(*state, "004-b", "b", 2500, 9);
	experiment = load(*state);
	text = print(experiment);
	assert_non_null(strstr(text, "3 runs, as 001-a: the probe lost 9 to 30 x events_dropped "
				     "(touches refault).\n"));
	assert_int_equal(count_lines(text, "x events_dropped"), 1);
	free(text);
	experiment_free(experiment);
}

static void add_run_that_missed(const char *directory, const char *name, const char *program,
				uint64_t missed)
{
	struct recording recording;

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_programs(&recording.evidence);
	synthetic_release(&recording.evidence, "policy", 50 * MIB, 0)->duration = 3 * MS;
	synthetic_loss(&recording.evidence, "missed", program, missed);
	synthetic_folder(directory, name, "a", "quiet=1s", &recording);
	recording_free(&recording);
}

/* A program that did not run has lost no program. */
static void what_was_not_seen_is_said(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run_that_missed(*state, "001-a", "page_freed", 200);
	add_run_that_missed(*state, "002-a", "page_freed", 300);
	add_run_that_missed(*state, "003-a", "release_end", 3);
	experiment = load(*state);
	text = print(experiment);
	assert_non_null(strstr(text, "2 runs, as 001-a: the probe did not see up to 300 freed "
				     "pages, missed by page_freed (touches "));
	assert_non_null(strstr(text, "003-a: the probe did not see up to 3 events, missed by "
				     "release_end (touches "));
	assert_null(strstr(text, " x missed"));
	free(text);
	experiment_free(experiment);
}

static void set_repeat(const char *directory, const char *name, int repeat)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "%s/%s", directory, name);
	synthetic_document(folder, "run.json", "tidemark run",
			   json_pack("{s:s, s:s, s:s, s:i}", "allocator", "a", "release", "native",
				     "verdict", "complete", "repeat", repeat));
}

static void a_copied_run_is_named(void **state)
{
	struct experiment *experiment;
	char *text;

	add_run(*state, "001-a", "a", 2500, 0);
	add_run(*state, "002-a", "a", 2500, 0);
	add_run(*state, "003-a", "a", 2500, 0);
	set_repeat(*state, "001-a", 1);
	set_repeat(*state, "002-a", 2);
	set_repeat(*state, "003-a", 1);
	experiment = load(*state);
	text = print(experiment);
	assert_non_null(strstr(text, "003-a: the same cell and repeat as 001-a; both count"));
	assert_int_equal(count_lines(text, "the same cell"), 1);
	free(text);
	experiment_free(experiment);
}

static void another_session_has_its_own_kernel(void **state)
{
	struct experiment *experiment;
	char *text;
	size_t room;
	FILE *file = open_memstream(&text, &room);

	add_run(*state, "001-a", "a", 2500, 0);
	add_run(*state, "002-a", "a", 2500, 0);
	experiment = load(*state);
	json_object_set_new(experiment->about, "sessions",
			    json_pack("[{s:s, s:s, s:i}, {s:s, s:s, s:i, s:s}]", "boot_id", "x",
				      "kernel", "6.1", "runs_before", 0, "boot_id", "y", "kernel",
				      "6.2", "runs_before", 1, "warning", "kernel 6.2 (was 6.1)"));
	json_object_set_new(experiment->runs[0].about, "boot_id", json_string("x"));
	json_object_set_new(experiment->runs[1].about, "boot_id", json_string("y"));
	assert_int_equal(tidy_print(experiment, file), 0);
	fclose(file);
	assert_non_null(strstr(text, ",false,x,6.1,1.0,"));
	assert_non_null(strstr(text, ",false,y,6.2,1.0,"));
	free(text);
	text = print(experiment);
	assert_non_null(strstr(text, "Resumed after 1 run, no longer as it began: "
				     "kernel 6.2 (was 6.1)."));
	free(text);
	experiment_free(experiment);
}

static size_t count_bars(const char *directory, bool *agree)
{
	struct experiment *experiment = load(directory);
	struct summary summary;
	struct bars bars;
	size_t count;

	assert_int_equal(summary_build(&summary, experiment), 0);
	assert_int_equal(bars_build(&bars, &summary), 0);
	count = bars.count;
	*agree = bars.agree;
	bars_free(&bars);
	summary_free(&summary);
	experiment_free(experiment);
	return count;
}

static void runs_that_agree_are_one_bar(void **state)
{
	bool agree;

	add_run_without(*state, "001-none", true);
	assert_int_equal(count_bars(*state, &agree), 0);
	add_run(*state, "002-a", "a", 2500, 0);
	add_run(*state, "003-b", "b", 2510, 0);
	assert_int_equal(count_bars(*state, &agree), 1);
	assert_true(agree);
	add_run(*state, "004-c", "c", 2600, 0);
	assert_int_equal(count_bars(*state, &agree), 3);
	assert_false(agree);
}

#define fresh(test) cmocka_unit_test_setup_teardown(test, synthetic_make, synthetic_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fresh(records_are_read),
		fresh(a_damaged_record_makes_the_run_void),
		fresh(what_is_missing_is_said_with_the_reason),
		fresh(losses_are_marked_and_named),
		fresh(losses_of_one_kind_are_one_line),
		fresh(what_was_not_seen_is_said),
		fresh(a_copied_run_is_named),
		fresh(another_session_has_its_own_kernel),
		fresh(runs_that_agree_are_one_bar),
	};

	return unit_main(tests);
}
