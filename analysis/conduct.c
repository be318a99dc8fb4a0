/*
 * conduct.c - `tidemark run`. See conduct.h.
 */
#include "analysis/conduct.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/child.h"
#include "analysis/directory.h"
#include "analysis/load.h"
#include "analysis/plan.h"
#include "analysis/preview.h"
#include "analysis/rehearse.h"
#include "analysis/report.h"
#include "analysis/table.h"
#include "analysis/tidy.h"
#include "server/base/process.h"

enum {
	SUCCESS,
	FELL_SHORT,
	USAGE,
	INTERRUPTED = 130
};

struct experiment_run {
	struct run_options options;
	struct matrix matrix;
	struct progress progress;
	char programs[PATH_MAX];
	char directory[PATH_MAX];
	int lock; /* on the directory */
	int signals;
	json_t *plan;
	char **argv;	/* of a resumed experiment: its words are the plan's */
	bool *finished; /* in an earlier session, for each cell */
};

static void say_controls(const struct matrix *matrix)
{
	for (int i = 0; i < CELL_FACTORS; i++) {
		const char *standard = cell_row((enum cell_factor)i)->standard;

		if (!matrix->control_added[i])
			continue;
		process_say("%s%s is added as the control of this experiment",
			    *standard ? "" : "--tune '', the defaults,", standard);
	}
}

static size_t count_finished(const struct experiment_run *run)
{
	size_t count = 0;

	for (size_t i = 0; i < run->matrix.count; i++)
		count += run->finished[i];
	return count;
}

/* Is a run left, or what is measured behind the last one? */
static bool is_left(const struct experiment_run *run, size_t done)
{
	return done < run->matrix.count || !plan_is_finished(run->plan);
}

/* What both kinds of experiment need before they can begin: a matrix that the programs take. */
static int try_out(struct experiment_run *run, const struct run_context *context)
{
	char why[RUN_WHY];

	run->finished = calloc(run->matrix.count, sizeof(bool));
	if (!run->finished)
		return -ENOMEM;
	if (rehearse(context, &run->matrix, why)) {
		if (*why)
			process_say("%s", why);
		return -EINVAL;
	}
	return 0;
}

static int begin(struct experiment_run *run, const struct run_context *context, char *const *argv)
{
	char why[DIRECTORY_WHY];

	if (matrix_build(&run->matrix, run->programs, &run->options, why)) {
		process_say("%s", why);
		return -EINVAL;
	}
	if (try_out(run, context))
		return -EINVAL;
	say_controls(&run->matrix);
	if (run->options.dry_run)
		return 0;
	run->plan = plan_new(argv, &run->options, &run->matrix);
	if (!run->plan || plan_add_session(run->plan, 0, why))
		return -ENOMEM;
	run->lock = directory_make(run->directory, run->options.runs, run->options.label, run->plan,
				   why);
	if (run->lock < 0)
		process_say("%s", why);
	return run->lock < 0 ? run->lock : 0;
}

/* Takes the options from the directory; of the command line only --json and --dry-run remain. */
static int take_over(struct experiment_run *run, char why[PLAN_WHY])
{
	struct run_options given = run->options;
	int error;

	snprintf(run->directory, sizeof(run->directory), "%s", given.resume);
	run->lock = directory_lock(run->directory);
	if (run->lock < 0) {
		snprintf(why, PLAN_WHY, "--resume %.300s: %s", given.resume,
			 run->lock == -EWOULDBLOCK ? "another tidemark is at work there"
						   : strerror(-run->lock));
		return run->lock;
	}
	run->plan = plan_load(run->directory, why);
	if (!run->plan)
		return -EINVAL;
	error = plan_options(run->plan, &run->options, &run->argv, why);
	run->options.json = given.json;
	run->options.dry_run = given.dry_run;
	if (!error && matrix_from_order(&run->matrix, json_object_get(run->plan, "order"))) {
		snprintf(why, PLAN_WHY, "--resume %.300s: the order in experiment.json is damaged",
			 given.resume);
		error = -EINVAL;
	}
	return error;
}

/* Makes the directory ready for what is left. Says what is wrong, and returns 0 or -errno. */
static int reopen(struct experiment_run *run, size_t done)
{
	char differs[PLAN_WHY] = "";
	int error = directory_sweep(run->directory);
	bool more = is_left(run, done);

	if (!error && more)
		error = plan_add_session(run->plan, done, differs);
	if (!error && more)
		error = directory_save(run->directory, run->plan);
	if (error)
		process_say("%s: %s", run->directory, strerror(-error));
	else if (*differs)
		process_say("not what the experiment began with: %s", differs);
	return error;
}

static int resume(struct experiment_run *run, const struct run_context *context)
{
	char why[PLAN_WHY];
	size_t done;

	if (take_over(run, why)) {
		process_say("%s", why);
		return -EINVAL;
	}
	if (try_out(run, context))
		return -EINVAL;
	if (directory_finished(run->directory, run->finished, run->matrix.count, why)) {
		process_say("%s", why);
		return -EINVAL;
	}
	done = count_finished(run);
	process_say("%zu of %zu runs are there already", done, run->matrix.count);
	return run->options.dry_run ? 0 : reopen(run, done);
}

/* Runs all cells that are left. Returns 0, or -errno when it had to end early. */
static int run_all(struct experiment_run *run, struct run_context *context)
{
	size_t done = count_finished(run);
	uint64_t left = 0;
	char why[RUN_WHY];

	for (size_t i = 0; i < run->matrix.count; i++)
		left += run->finished[i] ? 0 : run->matrix.cells[i].expected;
	progress_begin(&run->progress, run->matrix.count, done, left);
	for (size_t i = 0; i < run->matrix.count; i++) {
		const struct cell *cell = &run->matrix.cells[i];
		int result;

		if (run->finished[i])
			continue;
		progress_run(&run->progress);
		result = run_cell(context, cell, i + 1, why);
		progress_done(&run->progress, cell, result ? why : NULL);
		if (result < 0)
			return result;
	}
	if (!is_left(run, done))
		return 0;
	plan_finish(run->plan);
	return directory_save(run->directory, run->plan);
}

/*
 * The table, and the report beside it, from the files alone: what a later reader will see. Returns
 * 0 or -errno; -ENODATA where a run is void, which one that ended well can become when it is read.
 */
static int present(const struct experiment_run *run)
{
	struct experiment *experiment;
	size_t voids, count;
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
	voids = experiment_voids(experiment);
	count = experiment->count;
	experiment_free(experiment);
	if (error)
		process_say("no report: %s", why);
	else
		fprintf(run->options.json ? stderr : stdout, "Report: %s/report.html\n",
			run->directory);
	if (voids)
		process_say("%zu of %zu runs are void; see the reasons in the table", voids, count);
	return !error && voids ? -ENODATA : error;
}

/* Returns the exit status. */
static int perform(struct experiment_run *run, struct run_context *context)
{
	int presented, error = run_all(run, context);

	if (error == -EINTR) {
		process_say("interrupted; tidemark run --resume %s completes it", run->directory);
		return INTERRUPTED;
	}
	if (error)
		process_say("%s: %s; tidemark run --resume %s completes it", run->directory,
			    strerror(-error), run->directory);
	presented = present(run);
	if (presented == -EINTR)
		return INTERRUPTED;
	return presented || error ? FELL_SHORT : SUCCESS;
}

static int prepare(struct experiment_run *run, struct run_context *context, char *const *argv)
{
	int error = child_programs(run->programs);

	if (!error)
		error = run->options.resume ? resume(run, context) : begin(run, context, argv);
	if (error)
		return error;
	run->signals = process_signals(NULL);
	context->signals = run->signals;
	context->count = run->matrix.count;
	return run->signals < 0 ? run->signals : 0;
}

static void release(struct experiment_run *run)
{
	matrix_free(&run->matrix);
	json_decref(run->plan);
	free(run->argv);
	free(run->finished);
	if (run->lock >= 0)
		close(run->lock);
	if (run->signals >= 0)
		close(run->signals);
}

int conduct(int argc, char *const argv[])
{
	struct experiment_run run = { .lock = -1, .signals = -1 };
	struct run_context context = { .options = &run.options,
				       .programs = run.programs,
				       .directory = run.directory,
				       .progress = &run.progress,
				       .signals = -1 };
	char why[OPTIONS_WHY];
	int status = USAGE;

	if (run_options_parse(&run.options, argc, argv, why)) {
		process_say("%s", why);
		return USAGE;
	}
	if (run.options.help) {
		run_options_help(stdout);
		return SUCCESS;
	}
	if (!prepare(&run, &context, argv)) {
		if (!run.options.dry_run)
			status = perform(&run, &context);
		else
			status = preview_print(&run.matrix, run.finished, run.options.json, stdout)
					 ? FELL_SHORT
					 : SUCCESS;
	}
	if (fflush(stdout) || ferror(stdout)) {
		process_say("standard output could not be written");
		status = FELL_SHORT;
	}
	release(&run);
	return status;
}
