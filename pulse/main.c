/*
 * main.c - pulse: bursts of connections to a TCP server. Options in, exit status out.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "pulse/losses.h"
#include "pulse/merge.h"
#include "pulse/options.h"
#include "pulse/outline.h"
#include "pulse/preflight.h"
#include "pulse/run.h"
#include "server/base/process.h"
#include "server/base/units.h"

#define MOMENT_TEXT (RECORD_NAME + 32) /* room for any phase */

enum {
	SUCCESS,
	FELL_SHORT,
	USAGE
};

static const char *name_of_signal(int signal)
{
	const char *name = sigabbrev_np(signal);

	return name ? name : "?";
}

/* "in burst 1"; a run may end while it waits for --start-at. */
static const char *name_moment(char text[MOMENT_TEXT], const struct phase *phase)
{
	if (!phase->name[0])
		return "before the first phase";
	snprintf(text, MOMENT_TEXT, "in %s %" PRIu64, phase->name, phase->number);
	return text;
}

/* Says what ended it before its time. Returns whether that is a failure. */
static bool say_end(const struct pulse_run *run, const struct pulse_options *options)
{
	char server[ADDRESS_TEXT], failure[CREW_TEXT], floor[32], text[MOMENT_TEXT];
	const char *moment = name_moment(text, &run->phase);

	switch (run->end) {
	case PULSE_WENT_THROUGH:
		return false;
	case PULSE_SIGNAL:
		process_say("ended by SIG%s %s", name_of_signal(crew_signal(run->crew)), moment);
		return false;
	case PULSE_UNREACHABLE:
		process_say("cannot connect to %s: %s; is the server there? (--connect)",
			    address_format(server, sizeof(server), &options->connect),
			    strerror(run->first_error));
		return true;
	case PULSE_FELL_SHORT:
		return true; /* what was lost is said anyway */
	case PULSE_WORKER_LOST:
		process_say("%s %s; ended", crew_describe_failure(run->crew, failure), moment);
		return true;
	case PULSE_MEMORY_SHORT:
		process_say("less than %s of memory were available %s; ended (--memory-floor)",
			    format_size(floor, sizeof(floor), (double)run->floor), moment);
		return true;
	}
	return true;
}

/* Says how it ended and returns the exit status. */
static int say_outcome(const struct pulse_run *run, const struct pulse_options *options)
{
	uint64_t sum = losses_sum(&run->total);
	bool failed = say_end(run, options);
	char lost[LOSSES_TEXT], failure[CREW_TEXT];
	const char *cause = strerror(run->first_error);

	if (run->first_error == EOWNERDEAD)
		cause = crew_describe_failure(run->crew, failure);
	if (run->end == PULSE_UNREACHABLE || !sum)
		return failed ? FELL_SHORT : SUCCESS;
	process_say("%" PRIu64 " of %" PRIu64 " connections lost: %s; the first in %s %" PRIu64
		    ": %s",
		    sum, run->total.wanted, losses_describe(lost, sizeof(lost), &run->total),
		    run->fell_short.name, run->fell_short.number, cause);
	return FELL_SHORT;
}

static int start_crew(struct pulse_run *run, const struct pulse_options *options,
		      const struct preflight *found)
{
	static const int more[] = { SIGCHLD, 0 };
	struct crew_spec spec = {
		.plan = found->plan,
		.server = &options->connect,
		.sources = &found->sources,
		.survivor_order = options->survivor_order,
		.seed = options->seed,
		.speech = &options->speech,
		.signals = process_signals(more),
		.not_kept = options->ready_fd,
	};
	int error = spec.signals;

	if (error >= 0)
		error = crew_create(&run->crew, &spec);
	if (error)
		process_say("cannot start %u processes of %u event loops: %s", spec.plan.workers,
			    spec.plan.loops, strerror(-error));
	return error;
}

static int open_results(struct results *results, const struct pulse_options *options)
{
	struct document_head head = {
		.message = options->speech.script.message,
		.ops = options->speech.ops,
		.pulses = 1,
	};
	char why[RESULTS_WHY];
	int error;

	snprintf(head.protocol, sizeof(head.protocol), "%s", options->speech.script.protocol->name);
	clock_stamp(&head.stamp);
	error = results_open(results, options->traffic, options->latency_file,
			     options->json ? &head : NULL, stdout, why);
	if (error)
		process_say("%s", why);
	return error;
}

/* Writes what belongs at the end of the output. Returns whether all could be written. */
static bool close_results(struct results *results)
{
	char why[RESULTS_WHY];
	int error = results_close(results, why);

	if (error)
		process_say("%s", why);
	if (!fflush(stdout) && !ferror(stdout))
		return !error;
	process_say("standard output could not be written");
	return false;
}

/* What looks like one of the options, which stand before the files. */
static const char *stray_option(char *const *files)
{
	while (*files && **files != '-')
		files++;
	return *files;
}

/* Returns the exit status. */
static int show_merged(const struct merged *merged, const struct pulse_options *options)
{
	struct pulse_report report;
	struct results results;
	char why[RESULTS_WHY];
	int status = SUCCESS;

	if (results_open(&results, NULL, options->latency_file,
			 options->json ? &merged->head : NULL, stdout, why)) {
		process_say("%s", why);
		status = FELL_SHORT;
	}
	pulse_report_open(&report, NULL, options->json ? NULL : stdout, false);
	for (size_t i = 0; !status && i < merged->count; i++) {
		pulse_report_show(&report, &merged->outcomes[i].phase);
		if (!results_add(&results, &merged->outcomes[i], why))
			continue;
		process_say("%s", why);
		status = FELL_SHORT;
	}
	return close_results(&results) ? status : FELL_SHORT;
}

/* pulse --merge. Returns the exit status. */
static int merge(const struct pulse_options *options)
{
	const char *stray = stray_option(options->files);
	struct merged merged;
	char why[MERGE_WHY];
	int status;

	if (stray) {
		process_say("%s: options stand before the files (a file: ./%s)", stray, stray);
		return USAGE;
	}
	if (merge_files(&merged, options->files, why)) {
		process_say("%s", why);
		return FELL_SHORT;
	}
	status = show_merged(&merged, options);
	merge_free(&merged);
	return status;
}

/* Everything that a run works with. Says what cannot be had, and returns 0 or -errno. */
static int prepare(struct pulse_run *run, const struct pulse_options *options,
		   const struct preflight *found)
{
	int error;

	run->schedule = &options->schedule;
	run->rate = options->rate;
	run->floor = found->floor;
	run->note = found->text;
	run->strict = options->strict;
	run->speech = &options->speech;
	run->active = options->active;
	run->start_at = options->start_at;
	run->ready_fd = options->ready_fd;
	pulse_progress_open(&run->progress, stderr);
	error = pulse_report_open(&run->report, options->record, options->json ? NULL : stdout,
				  !run->progress.terminal);
	if (error) {
		process_say("--record %s: %s", options->record, strerror(-error));
		return error;
	}
	error = open_results(&run->results, options);
	if (error)
		return error;
	return start_crew(run, options, found);
}

/* Returns the exit status. */
static int pulsate(struct pulse_run *run, const struct pulse_options *options,
		   const struct preflight *found)
{
	int status = FELL_SHORT;
	int unwritten;

	if (prepare(run, options, found))
		goto out;
	pulse_run(run);
	status = say_outcome(run, options);
out:
	crew_destroy(run->crew);
	unwritten = pulse_report_close(&run->report);
	if (run->unwritten)
		unwritten = run->unwritten;
	if (unwritten) {
		process_say("--record %s: %s", options->record, strerror(-unwritten));
		status = FELL_SHORT;
	}
	if (run->untold) {
		process_say("%s", run->why);
		status = FELL_SHORT;
	}
	if (!close_results(&run->results))
		status = FELL_SHORT;
	return status;
}

static int dry_run(const struct schedule *schedule)
{
	if (outline_print(schedule, stdout)) {
		process_say("--trickles 0: these never end; give a number");
		return USAGE;
	}
	if (fflush(stdout) || ferror(stdout)) {
		process_say("standard output could not be written");
		return FELL_SHORT;
	}
	return SUCCESS;
}

int main(int argc, char *argv[])
{
	struct pulse_options options;
	struct preflight found;
	struct pulse_run run = { 0 };
	char why[OPTIONS_WHY];
	int status = FELL_SHORT;

	if (pulse_options_parse(&options, argc, argv, why)) {
		process_say("%s", why);
		return USAGE;
	}
	if (options.help) {
		pulse_options_help(stdout);
		return SUCCESS;
	}
	if (options.dry_run)
		return dry_run(&options.schedule);
	if (options.merge)
		return merge(&options);
	available_open(&run.available);
	if (preflight(&found, &options, &run.available))
		process_say("%s", found.text);
	else if (options.check)
		status = SUCCESS;
	else
		status = pulsate(&run, &options, &found);
	available_close(&run.available);
	return status;
}
