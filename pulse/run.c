/*
 * run.c - carries out a schedule. See run.h.
 */
#include "pulse/run.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "pulse/losses.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"

/* How often memory and the progress line are looked at. */
#define TICK (100 * NS_PER_MS)

static void end_by(struct pulse_run *run, enum pulse_end end)
{
	if (!run->end)
		run->end = end;
}

static void look_at_memory(struct pulse_run *run)
{
	uint64_t now = clock_now();

	if (now < run->tick)
		return;
	run->tick = now + TICK;
	if (run->floor && available_is_below(&run->available, run->floor))
		end_by(run, PULSE_MEMORY_SHORT);
}

/*
 * Waits for news from the crew. end as in pulse_progress_draw(). Returns whether the crew has
 * carried out its order; then the numbers are those behind it.
 */
static bool turn(struct pulse_run *run, const struct step *step, uint64_t end)
{
	uint64_t until = end ? MIN(end, run->tick) : run->tick;
	bool done;

	switch (crew_wait(run->crew, until)) {
	case -EINTR:
		end_by(run, PULSE_SIGNAL);
		break;
	case -ECHILD:
		end_by(run, PULSE_WORKER_LOST);
		break;
	}
	done = crew_is_done(run->crew);
	crew_count(run->crew, &run->pulse, &run->survivors);
	if (run->strict && run->pulse.error)
		end_by(run, PULSE_FELL_SHORT);
	look_at_memory(run);
	pulse_progress_draw(&run->progress, step, &run->pulse, run->survivors, end);
	return done;
}

/*
 * A server that resets what it accepts, or answers wrongly, is there, at least; any other failure
 * of the first connect will be that of all.
 */
static bool is_unreachable(const struct pulse_run *run)
{
	return !run->total.connected && !run->pulse.connected && run->pulse.error &&
	       run->pulse.error != ECONNRESET && run->pulse.error != EBADMSG;
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

static void give_order(struct pulse_run *run, enum crew_task task, const struct step *step)
{
	struct crew_order order = {
		.task = task,
		.step = *step,
		.rate = run->rate,
		.start = run->pulse.start,
		.at_once = run->end,
	};

	crew_order(run->crew, &order);
}

static void establish(struct pulse_run *run, const struct step *step)
{
	bool done;

	run->pulse = (struct pulse){
		.wanted = step->connections,
		.rate = run->rate,
		.start = clock_now(),
	};
	give_order(run, CREW_CONNECT, step);
	do {
		done = turn(run, step, PROGRESS_CONNECTING);
		if (is_unreachable(run))
			end_by(run, PULSE_UNREACHABLE);
		say_note(run);
	} while (!run->end && !done);
}

static void talk(struct pulse_run *run, const struct step *step, uint64_t start, uint64_t end)
{
	struct crew_order order = {
		.task = CREW_TALK,
		.step = *step,
		.start = start,
		.end = end,
		.active = active_count(&run->active, run->pulse.open),
	};

	crew_order(run->crew, &order);
	while (!run->end && !turn(run, step, end))
		;
}

/* Pulses that begin together stay together: a rest is shorter by what took longer before it. */
static bool keeps_plan(const struct pulse_run *run, const struct step *step)
{
	return run->start_at && !step->connections;
}

/* The linger of a pulse, in which its connections talk, or a rest. */
static void hold(struct pulse_run *run, const struct step *step)
{
	uint64_t start = clock_now();
	uint64_t end = keeps_plan(run, step) ? run->planned : start + step->time;

	if (step->connections && step->time && run->speech->script.protocol->hears)
		talk(run, step, start, end);
	while (!run->end && clock_now() < end)
		turn(run, step, end);
}

/* Of a run that ends, nothing survives. */
static void close_connections(struct pulse_run *run, const struct step *step)
{
	struct step closing = *step;

	if (run->end)
		closing.survivors = 0;
	give_order(run, CREW_CLOSE, &closing);
	while (!turn(run, step, PROGRESS_CLOSING))
		;
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
	phase->closing = step->connections ? clock_now() : RECORD_ABSENT;
	close_connections(run, step);
	phase->end = clock_now();
	crew_sum(run->crew, pulse, &run->survivors);
	phase->wanted = run->end ? pulse->issued : pulse->wanted;
	phase->connected = pulse->connected;
	phase->established = pulse->connected ? pulse->established : RECORD_ABSENT;
	phase->survivors = run->survivors;
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

static int add_result(struct pulse_run *run)
{
	struct outcome *outcome = &run->outcome;

	outcome->phase = run->phase;
	outcome->connect = run->pulse.corrected;
	outcome->connect_raw = run->pulse.raw;
	outcome->traffic = run->pulse.traffic;
	return results_add(&run->results, outcome, run->why);
}

static void carry_out(struct pulse_run *run, const struct step *step)
{
	establish(run, step);
	hold(run, step);
	pulse_progress_clear(&run->progress);
	close_phase(run, step);
	pulse_progress_clear(&run->progress);
	add_up(run);
	run->unwritten = pulse_report_record(&run->report, &run->phase);
	if (!run->unwritten)
		run->untold = add_result(run);
	if (run->end != PULSE_UNREACHABLE)
		pulse_report_show(&run->report, &run->phase);
}

/* Several pulses, on one machine or several, begin at the same moment. */
static void wait_for_start(struct pulse_run *run)
{
	struct step step = { .name = "rest" };

	while (!run->end && clock_now() < run->start_at)
		turn(run, &step, run->start_at);
}

static bool is_over(const struct pulse_run *run)
{
	return run->end || run->unwritten || run->untold;
}

void pulse_run(struct pulse_run *run)
{
	struct step step;

	wait_for_start(run);
	run->planned = run->start_at;
	if (!run->end)
		process_ready(run->ready_fd);
	for (uint64_t i = 0; !is_over(run) && schedule_step(run->schedule, i, &step); i++) {
		run->planned += schedule_length(&step, run->rate);
		carry_out(run, &step);
	}
}
