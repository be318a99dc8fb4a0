/*
 * conduct.c - `tidemark run`. See conduct.h.
 */
#include "analysis/conduct.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analysis/cast.h"
#include "analysis/document.h"
#include "analysis/environment.h"
#include "analysis/load.h"
#include "analysis/options.h"
#include "analysis/report.h"
#include "analysis/table.h"
#include "analysis/tidy.h"
#include "server/base/process.h"

struct experiment_run {
	struct run_options options;
	struct matrix matrix;
	struct progress progress;
	char programs[PATH_MAX];
	char directory[PATH_MAX];
	int signals;
	uint64_t touch_before; /* ns a page */
	char *const *argv;
};

/* Server, probe and pulse stand beside tidemark. */
static int find_programs(char folder[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);

	if (length < 0)
		return -errno;
	folder[length] = '\0';
	*strrchr(folder, '/') = '\0';
	return 0;
}

/* Makes runs/<time>-<label>, and a number behind it when two begin in the same second. */
static int make_directory(struct experiment_run *run)
{
	const struct run_options *options = &run->options;
	time_t now = time(NULL);
	struct tm utc;
	char stamp[32];

	if (mkdir(options->runs, 0755) && errno != EEXIST)
		return -errno;
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	for (int i = 1; i < 100; i++) {
		int length = snprintf(run->directory, PATH_MAX, "%s/%s-%s", options->runs, stamp,
				      options->label);

		if (i > 1)
			snprintf(run->directory + length, (size_t)(PATH_MAX - length), "-%d", i);
		if (!mkdir(run->directory, 0755))
			return 0;
		if (errno != EEXIST)
			return -errno;
	}
	return -EEXIST;
}

static json_t *list_words(char *const *words)
{
	json_t *array = json_array();

	for (; *words; words++)
		json_array_append_new(array, json_string(*words));
	return array;
}

static json_t *list_cells(const struct matrix *matrix)
{
	json_t *array = json_array();

	for (size_t i = 0; i < matrix->count; i++)
		json_array_append_new(array, json_pack("{s:s, s:s, s:I}", "allocator",
						       matrix->cells[i].allocator, "release",
						       matrix->cells[i].release, "repeat",
						       (json_int_t)matrix->cells[i].repeat));
	return array;
}

/* Written before the first run and again, with the cost of a first touch, after the last one. */
static int write_experiment(const struct experiment_run *run, bool finished)
{
	const struct run_options *options = &run->options;
	json_t *document = document_new("experiment");
	json_t *environment = environment_describe();
	char path[PATH_MAX + 32];

	if (!document || !environment)
		return -ENOMEM;
	json_object_set_new(environment, "revision", json_string(TIDEMARK_REVISION));
	json_object_set_new(environment, "first_touch_before_ns",
			    json_integer((json_int_t)run->touch_before));
	if (finished)
		json_object_set_new(environment, "first_touch_after_ns",
				    json_integer((json_int_t)environment_first_touch()));
	json_object_set_new(document, "command", list_words(run->argv));
	json_object_set_new(document, "label", json_string(options->label));
	json_object_set_new(document, "seed", json_integer((json_int_t)options->seed));
	json_object_set_new(document, "repeat", json_integer((json_int_t)options->repeat));
	json_object_set_new(document, "allocators", list_words(run->matrix.allocators));
	json_object_set_new(document, "releases", list_words(run->matrix.releases));
	json_object_set_new(document, "footprint", json_string(options->footprint));
	json_object_set_new(document, "survivors", json_string(options->survivors));
	json_object_set_new(document, "memory_limit",
			    json_integer((json_int_t)options->memory_limit));
	json_object_set_new(document, "pulse", list_words(options->pulse));
	json_object_set_new(document, "order", list_cells(&run->matrix));
	json_object_set_new(document, "environment", environment);
	snprintf(path, sizeof(path), "%s/experiment.json", run->directory);
	return document_write(document, path);
}

static int prepare(struct experiment_run *run, const struct run_context *context)
{
	const struct run_options *options = &run->options;
	char why[MATRIX_WHY];
	int error;

	if (find_programs(run->programs) ||
	    matrix_build(&run->matrix, run->programs, options->allocators, options->releases,
			 options->repeat, options->seed, why)) {
		process_say("%s", why);
		return -EINVAL;
	}
	run->signals = process_signals(NULL);
	if (run->signals < 0)
		return run->signals;
	if (cast_check(context, &run->matrix))
		return -EINVAL;
	if (run->matrix.control_added)
		process_say("native is added as the control of this experiment");
	error = make_directory(run);
	if (error) {
		process_say("--runs %s: %s", options->runs, strerror(-error));
		return error;
	}
	run->touch_before = environment_first_touch();
	error = write_experiment(run, false);
	if (error)
		process_say("%s: %s", run->directory, strerror(-error));
	return error;
}

/* Runs all cells. Returns the number of void ones, or -errno when it had to end early. */
static int run_all(struct experiment_run *run, struct run_context *context)
{
	char why[RUN_WHY];
	int voids = 0;

	progress_begin(&run->progress, run->matrix.count);
	for (size_t i = 0; i < run->matrix.count; i++) {
		const struct cell *cell = &run->matrix.cells[i];
		int result;

		progress_run(&run->progress);
		result = run_cell(context, cell, i + 1, why);
		progress_done(&run->progress, cell, result ? why : NULL);
		if (result < 0)
			return result;
		voids += result;
	}
	return voids;
}

/* The table, and the report beside it, from the files alone: what a later reader will see. */
static int present(const struct experiment_run *run)
{
	struct experiment *experiment;
	char why[RUN_WHY];
	int error = experiment_load(&experiment, run->directory, why);

	if (error) {
		process_say("%s", why);
		return error;
	}
	if (run->options.json) {
		json_t *table = table_json(experiment);

		json_dumpf(table, stdout, JSON_INDENT(2));
		json_decref(table);
		printf("\n");
	} else {
		table_print(experiment, stdout);
		printf("\n");
		takeaway_print(experiment, stdout);
	}
	error = tidy_write(experiment, run->directory, why);
	if (!error)
		error = report_write(experiment, run->directory, why);
	experiment_free(experiment);
	if (error)
		process_say("no report: %s", why);
	else
		fprintf(run->options.json ? stderr : stdout, "Report: %s/report.html\n",
			run->directory);
	if (fflush(stdout)) {
		process_say("stdout: %s", strerror(errno));
		return -errno;
	}
	return error;
}

int conduct(int argc, char *const argv[])
{
	struct experiment_run run = { .argv = argv };
	struct run_context context = { .options = &run.options,
				       .programs = run.programs,
				       .directory = run.directory,
				       .progress = &run.progress };
	char why[OPTIONS_WHY];
	int voids, status = 1;

	if (run_options_parse(&run.options, argc, argv, why)) {
		process_say("%s", why);
		return 2;
	}
	if (run.options.help) {
		run_options_help(stdout);
		return 0;
	}
	if (prepare(&run, &context)) {
		status = 2;
		goto out;
	}
	context.signals = run.signals;
	voids = run_all(&run, &context);
	if (write_experiment(&run, true))
		process_say("%s/experiment.json: %s", run.directory, strerror(errno));
	if (voids == -EINTR) {
		process_say("interrupted; what was measured is in %s", run.directory);
		status = 130;
	} else if (!present(&run) && !voids) {
		status = 0;
	}
	if (voids > 0)
		process_say("%d of %zu runs are void; see the reasons in the table", voids,
			    run.matrix.count);
out:
	matrix_free(&run.matrix);
	return status;
}
