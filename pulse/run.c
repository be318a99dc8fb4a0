/*
 * run.c - carries out a schedule. See run.h.
 */
#include "pulse/run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "pulse/losses.h"
#include "server/base/clock.h"
#include "server/base/process.h"

/* One turn of the loop, and of the progress line. end as in pulse_progress_draw(). */
static int turn(struct pulse_run *run, const struct step *step, uint64_t end)
{
	uint64_t until = MIN(end ? end : UINT64_MAX, run->progress.due);
	int error = connector_turn(run->connector, until);

	if (error == -EINTR)
		run->signal = process_next_signal(run->signals);
	pulse_progress_draw(&run->progress, step, &run->pulse, connector_survivors(run->connector),
			    end);
	return error;
}

/*
 * A server that resets what it accepts is there, at least; any other failure of the first connect
 * will be that of all.
 */
static bool is_unreachable(const struct pulse_run *run)
{
	return !run->total.connected && !run->pulse.connected && run->pulse.error &&
	       run->pulse.error != ECONNRESET;
}

/* What should be known before the numbers; but where nothing connects, only that counts. */
static void say_note(struct pulse_run *run)
{
	if (!run->note[0] || !run->pulse.connected)
		return;
	pulse_progress_clear(&run->progress);
	process_say("%s", run->note);
	run->note = "";
}

static int establish(struct pulse_run *run, const struct step *step)
{
	while (!connector_settled(run->connector)) {
		int error = turn(run, step, 0);

		run->unreachable = is_unreachable(run);
		if (error || run->unreachable)
			return error ? error : -run->pulse.error;
		say_note(run);
	}
	return 0;
}

/* The linger of a pulse, or a rest. */
static int hold(struct pulse_run *run, const struct step *step)
{
	uint64_t end = clock_now() + step->time;

	while (clock_now() < end) {
		int error = turn(run, step, end);

		if (error)
			return error;
	}
	return 0;
}

static void fill_latencies(struct phase *phase, const struct pulse *pulse)
{
	bool any = pulse->connected;

	phase->connect_p50 = any ? histogram_percentile(&pulse->corrected, 0.5) : RECORD_ABSENT;
	phase->connect_p90 = any ? histogram_percentile(&pulse->corrected, 0.9) : RECORD_ABSENT;
	phase->connect_p99 = any ? histogram_percentile(&pulse->corrected, 0.99) : RECORD_ABSENT;
	phase->connect_max = any ? pulse->corrected.max : RECORD_ABSENT;
	phase->raw_p50 = any ? histogram_percentile(&pulse->raw, 0.5) : RECORD_ABSENT;
	phase->raw_p90 = any ? histogram_percentile(&pulse->raw, 0.9) : RECORD_ABSENT;
	phase->raw_p99 = any ? histogram_percentile(&pulse->raw, 0.99) : RECORD_ABSENT;
	phase->raw_max = any ? pulse->raw.max : RECORD_ABSENT;
	phase->out_of_range = pulse->corrected.out_of_range + pulse->raw.out_of_range;
}

/* Of a step that was cut short, only what had been decided by then is wanted. */
static void close_phase(struct pulse_run *run, const struct step *step)
{
	struct pulse *pulse = &run->pulse;
	struct phase *phase = &run->phase;

	memset(phase, 0, sizeof(*phase));
	snprintf(phase->name, sizeof(phase->name), "%s", step->name);
	phase->number = step->number;
	phase->start = pulse->start;
	phase->wanted = run->signal ? pulse->issued - pulse->connecting : pulse->wanted;
	phase->connected = pulse->connected;
	phase->established = pulse->connected ? pulse->established : RECORD_ABSENT;
	phase->closing = step->connections ? clock_now() : RECORD_ABSENT;
	connector_close(run->connector, &run->chooser, run->signal ? 0 : step->survivors);
	phase->end = clock_now();
	phase->survivors = connector_survivors(run->connector);
	losses_add(phase, &pulse->losses);
	fill_latencies(phase, pulse);
}

static void add_up(struct pulse_run *run)
{
	run->total.wanted += run->phase.wanted;
	run->total.connected += run->phase.connected;
	losses_add(&run->total, &run->phase);
	if (run->fell_short.name[0] || !losses_sum(&run->phase))
		return;
	run->fell_short = run->phase;
	run->first_error = run->pulse.error;
}

static int carry_out(struct pulse_run *run, const struct step *step)
{
	int error;

	if (step->replaces)
		connector_close_survivors(run->connector);
	run->pulse.wanted = step->connections;
	run->pulse.rate = run->rate;
	connector_begin(run->connector, &run->pulse);
	error = establish(run, step);
	if (!error)
		error = hold(run, step);
	pulse_progress_clear(&run->progress);
	close_phase(run, step);
	add_up(run);
	run->unwritten = pulse_report_record(&run->report, &run->phase);
	if (!run->unreachable)
		pulse_report_show(&run->report, &run->phase);
	return error;
}

int pulse_run(struct pulse_run *run)
{
	struct step step;
	int error = 0;

	for (uint64_t i = 0; !error && !run->unwritten && schedule_step(run->schedule, i, &step);
	     i++)
		error = carry_out(run, &step);
	connector_close_survivors(run->connector);
	return run->signal || run->unreachable ? 0 : error;
}
