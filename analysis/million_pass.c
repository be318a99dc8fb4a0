/*
 * million_pass.c - one time up and down. See million_pass.h.
 */
#include "analysis/million_pass.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/environment.h"
#include "analysis/million_progress.h"
#include "analysis/million_stage.h"
#include "analysis/million_warm.h"
#include "server/base/clock.h"
#include "server/base/units.h"

#define REST	     (3 * NS_PER_S)
#define SETTLE_MS    500
#define PAGE_SLOWEST (10 * NS_PER_US) /* at the least reckoned with, when memory is warmed */
#define PATIENCE     (60 * NS_PER_S)  /* for the next connection that opens or closes */

struct act {
	struct million_pass *pass;
	const struct million *million;
	struct million_stage stage;
	struct million_warm warm;
	struct million_progress progress;
	char *why;
	uint64_t moved; /* connections that are open, and that ever were, when last they changed */
	uint64_t until; /* they may stay as they are */
};

static void sample(const struct act *act, struct million_sample *sample)
{
	uint64_t opened;

	sample->time = clock_now();
	million_stage_count(&act->stage, &sample->connections, &opened);
	million_memory_read(&sample->machine);
	sample->machine.available += act->warm.held;
	sample->server = million_memory_of(act->stage.server.pid);
	sample->pulse = act->stage.pulse.pid ? million_memory_of(act->stage.pulse.pid) : 0;
	sample->tables = million_tables_of(act->stage.server.pid);
	if (act->stage.pulse.pid)
		sample->tables += million_tables_of(act->stage.pulse.pid);
}

/* How long pulse rests before its burst: while the memory is touched, which a cold page slows. */
static uint64_t rest_of(const struct million_pass *pass)
{
	return REST + pass->warm / 4096 * MAX(pass->touch, pass->warm ? PAGE_SLOWEST : 0);
}

/*
 * Whether pulse is to be given up: nothing moves for longer than it may rest. A process of it
 * hangs, or somebody has stopped it.
 */
static bool stands_still(struct act *act, uint64_t moved)
{
	if (moved != act->moved) {
		act->moved = moved;
		act->until = clock_now() + rest_of(act->pass) + PATIENCE;
	}
	return clock_now() > act->until;
}

/* Until so many are open, of so many that ever were. pulse must not end meanwhile. */
static int wait_for(struct act *act, uint64_t open, uint64_t opened)
{
	uint64_t now_open, now_opened;
	struct phase burst;
	int error;

	for (;;) {
		error = million_stage_look(&act->stage, act->why);
		if (error)
			return error;
		million_stage_count(&act->stage, &now_open, &now_opened);
		million_progress_draw(&act->progress, now_open);
		if (now_opened >= opened && (opened ? now_open == open : now_open >= open))
			return 0;
		million_warm_give(&act->warm, now_open * (MILLION_PAIR + MILLION_USER));
		if (child_ended(&act->stage.pulse)) {
			if (!million_stage_judge(&act->stage, &burst, act->why))
				snprintf(act->why, MILLION_WHY, "pulse ended too soon");
			return 1;
		}
		if (stands_still(act, now_open + now_opened)) {
			snprintf(act->why, MILLION_WHY,
				 "pulse does not go on: %" PRIu64 " connections are open",
				 now_open);
			million_stop(act->million, &act->stage.pulse, 0);
			return 1;
		}
	}
}

static int prepare(struct act *act)
{
	struct million_pass *pass = act->pass;
	uint64_t warmup = MILLION_WARMUP(pass->connections);
	uint64_t end = clock_now() + rest_of(pass) - REST / 2;
	int error = wait_for(act, 0, warmup);

	if (!error)
		error = million_wait(act->million, SETTLE_MS);
	if (error)
		return error;
	sample(act, &pass->samples[pass->count++]);
	if (pass->warm)
		error = million_warm_take(&act->warm, act->million, pass->warm, end);
	pass->warmed = act->warm.held;
	if (error == -ENOMEM)
		snprintf(act->why, MILLION_WHY, "--warm: no address space for it");
	return error;
}

/* Of a pass that is there for the bill, growth is of no interest. */
static int grow(struct act *act)
{
	struct million_pass *pass = act->pass;
	int error = 0;

	for (uint64_t step = pass->bill ? MILLION_STEPS : 1; step <= MILLION_STEPS && !error;
	     step++) {
		error = wait_for(act, step * pass->connections / MILLION_STEPS, 0);
		if (!error)
			sample(act, &pass->samples[pass->count++]);
	}
	million_warm_free(&act->warm);
	if (!error)
		error = million_wait(act->million, SETTLE_MS);
	if (!error)
		sample(act, &pass->full);
	if (!error && pass->bill)
		error = million_bill_read(pass->bill, act->million, act->stage.status_path);
	return error;
}

/*
 * Closing a million may take the better part of a minute, on a busy machine more. So pulse is given
 * up only when it should hold no longer and yet nothing closes: a process of it hangs, or somebody
 * has stopped it.
 */
static int wait_for_pulse(struct act *act)
{
	uint64_t until = clock_now() + act->pass->hold + PATIENCE;
	uint64_t before = act->pass->connections, open, opened;
	int error = 0;

	while (!error && !child_ended(&act->stage.pulse)) {
		error = million_stage_look(&act->stage, act->why);
		million_stage_count(&act->stage, &open, &opened);
		million_progress_draw(&act->progress, open);
		if (open != before)
			until = MAX(until, clock_now() + PATIENCE);
		before = open;
		if (!error && clock_now() > until && !child_ended(&act->stage.pulse)) {
			snprintf(act->why, MILLION_WHY,
				 "pulse did not close: %" PRIu64 " connections are open", open);
			million_stop(act->million, &act->stage.pulse, 0);
			error = 1;
		}
	}
	return error;
}

/* pulse closes when the time is up; the server's part may come a moment later. */
static int fall(struct act *act)
{
	struct million_pass *pass = act->pass;
	struct status_slot total = { 0 };
	uint64_t open = 1, opened, until;
	struct phase burst;
	int error = wait_for_pulse(act);

	if (!error)
		error = million_stage_judge(&act->stage, &burst, act->why);
	until = clock_now() + PATIENCE;
	while (!error && open && clock_now() < until) {
		error = million_stage_look(&act->stage, act->why);
		million_stage_count(&act->stage, &open, &opened);
	}
	if (error)
		return error;
	if (open) {
		snprintf(act->why, MILLION_WHY, "the server did not close all connections");
		return 1;
	}
	status_read(act->stage.status, &total);
	pass->establish = (double)(burst.established - burst.start) / 1e9;
	pass->close = (double)(MAX(burst.end, total.last_close) - burst.closing) / 1e9;
	error = million_wait(act->million, 2 * SETTLE_MS);
	sample(act, &pass->after);
	return error;
}

int million_pass_run(struct million_pass *pass, const struct million *million,
		     char why[MILLION_WHY])
{
	struct act act = { .pass = pass, .million = million, .why = why, .moved = UINT64_MAX };
	int error;

	pass->count = 0;
	pass->touch = environment_first_touch();
	million_progress_begin(&act.progress, pass->name, pass->connections);
	error = million_stage_set(&act.stage, million, pass, rest_of(pass), why);
	if (!error)
		error = prepare(&act);
	if (!error)
		error = grow(&act);
	if (!error)
		error = fall(&act);
	million_warm_free(&act.warm);
	million_progress_end(&act.progress);
	million_stage_clear(&act.stage);
	return error;
}
