/*
 * main.c - pulse: bursts of connections to a TCP server. Options in, exit status out.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "pulse/limits.h"
#include "pulse/losses.h"
#include "pulse/options.h"
#include "pulse/outline.h"
#include "pulse/run.h"
#include "server/base/process.h"

enum {
	SUCCESS,
	FELL_SHORT,
	USAGE
};

/* Says what does not fit. Returns whether it may start, perhaps with a note for the run. */
static bool check_limits(const struct pulse_options *options, char note[LIMITS_TEXT])
{
	const struct schedule *schedule = &options->schedule;
	struct demand demand = {
		.burst = MAX(schedule->bursts ? schedule->burst : 0, schedule->trickle),
		.connections = schedule_peak(schedule),
		.local = limits_is_loopback(&options->connect),
		.paced = options->rate > 0,
	};
	struct limits limits;
	int error = limits_read(&limits, demand.local);

	if (error) {
		process_say("cannot raise the limit of open files: %s", strerror(-error));
		return false;
	}
	demand.ports = demand.connections;
	if (limits.port_hold)
		demand.ports = schedule_ports(schedule, limits.port_hold, options->rate);
	if (limits_judge(&limits, &demand, note)) {
		process_say("%s", note);
		return false;
	}
	limits_note_backlog(&limits, &demand, note);
	return true;
}

/* Says how it ended and returns the exit status. */
static int say_outcome(const struct pulse_run *run, const struct pulse_options *options)
{
	uint64_t sum = losses_sum(&run->total);
	char lost[LOSSES_TEXT];

	if (run->unreachable) {
		char server[ADDRESS_TEXT];

		process_say("cannot connect to %s: %s; is the server there? (--connect)",
			    address_format(server, sizeof(server), &options->connect),
			    strerror(run->first_error));
		return FELL_SHORT;
	}
	if (run->signal)
		process_say("ended by SIG%s in %s %" PRIu64, sigabbrev_np(run->signal),
			    run->phase.name, run->phase.number);
	if (!sum)
		return SUCCESS;
	process_say("%" PRIu64 " of %" PRIu64 " connections lost: %s; the first in %s %" PRIu64
		    ": %s",
		    sum, run->total.wanted, losses_describe(lost, sizeof(lost), &run->total),
		    run->fell_short.name, run->fell_short.number, strerror(run->first_error));
	return FELL_SHORT;
}

/* Everything that a run works with. Says what cannot be had, and returns 0 or -errno. */
static int prepare(struct pulse_run *run, const struct pulse_options *options)
{
	int error;

	run->schedule = &options->schedule;
	run->rate = options->rate;
	survivors_seed(&run->chooser, options->survivor_order, options->seed);
	pulse_progress_open(&run->progress, stderr);
	error = pulse_report_open(&run->report, options->record, stdout, !run->progress.terminal);
	if (error) {
		process_say("--record %s: %s", options->record, strerror(-error));
		return error;
	}
	error = run->signals = process_signals(NULL);
	if (error >= 0)
		error = connector_create(&run->connector, &options->connect,
					 schedule_peak(run->schedule), run->signals);
	if (error)
		process_say("cannot set up the event loop: %s", strerror(-error));
	return error;
}

/* Returns the exit status. */
static int pulsate(struct pulse_run *run, const struct pulse_options *options)
{
	int error, unwritten;
	int status = FELL_SHORT;

	if (prepare(run, options))
		goto out;
	process_ready(options->ready_fd);
	error = pulse_run(run);
	status = say_outcome(run, options);
	if (error) {
		process_say("the event loop failed: %s", strerror(-error));
		status = FELL_SHORT;
	}
out:
	connector_destroy(run->connector);
	unwritten = pulse_report_close(&run->report);
	if (run->unwritten)
		unwritten = run->unwritten;
	if (unwritten) {
		process_say("--record %s: %s", options->record, strerror(-unwritten));
		status = FELL_SHORT;
	}
	if (fflush(stdout) || ferror(stdout)) {
		process_say("standard output could not be written");
		status = FELL_SHORT;
	}
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
	struct pulse_run run = { .signals = -1 };
	char why[OPTIONS_WHY], note[LIMITS_TEXT];

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
	if (!check_limits(&options, note))
		return FELL_SHORT;
	run.note = note;
	return pulsate(&run, &options);
}
