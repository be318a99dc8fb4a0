/*
 * schedule.c - what pulse does, in which order. See schedule.h.
 */
#include "pulse/schedule.h"

#include <math.h>
#include <string.h>
#include <sys/param.h>

#include "server/base/units.h"

/* Trickles for ever are looked ahead at no further than this. */
#define STEPS_AHEAD 100000

static uint64_t survivors_of_burst(const struct schedule *schedule)
{
	return (uint64_t)llround((double)schedule->burst * schedule->survivors);
}

static void describe(struct step *step, const char *name, uint64_t number, uint64_t time)
{
	memset(step, 0, sizeof(*step));
	step->name = name;
	step->number = number;
	step->time = time;
}

/* Bursts with a gap behind each; the one behind the last is the window. */
static void describe_burst(const struct schedule *schedule, uint64_t index, struct step *step)
{
	uint64_t number = index / 2 + 1;

	if (index % 2 == 0) {
		describe(step, "burst", number, schedule->linger);
		step->connections = schedule->burst;
		step->survivors = survivors_of_burst(schedule);
		step->replaces = !schedule->survivors_to_end;
	} else if (number < schedule->bursts) {
		describe(step, "gap", number, schedule->burst_gap);
	} else {
		describe(step, "window", 1, schedule->window);
	}
}

/* Trickles with a gap between two of them, counted on from the gaps between bursts. */
static void describe_trickle(const struct schedule *schedule, uint64_t index, struct step *step)
{
	uint64_t number = index / 2 + 1;
	uint64_t earlier = schedule->bursts ? schedule->bursts - 1 : 0;

	if (index % 2 == 0) {
		describe(step, "trickle", number, schedule->linger);
		step->connections = schedule->trickle;
	} else {
		describe(step, "gap", earlier + number, schedule->trickle_gap);
	}
}

bool schedule_step(const struct schedule *schedule, uint64_t index, struct step *step)
{
	if (schedule->warmup && index-- == 0) {
		describe(step, "warmup", 1, 0);
		step->connections = schedule->warmup;
		return true;
	}
	if (schedule->rest && index-- == 0) {
		describe(step, "rest", 1, schedule->rest);
		return true;
	}
	if (index < 2 * schedule->bursts) {
		describe_burst(schedule, index, step);
		return true;
	}
	index -= 2 * schedule->bursts;
	if (!schedule->trickle || (schedule->trickles && index >= 2 * schedule->trickles - 1))
		return false;
	describe_trickle(schedule, index, step);
	return true;
}

uint64_t schedule_length(const struct step *step, uint64_t rate)
{
	return step->time + (rate ? step->connections * NS_PER_S / rate : 0);
}

uint64_t schedule_peak(const struct schedule *schedule)
{
	return schedule_share_of_peak(schedule, 1);
}

uint64_t schedule_share_of_peak(const struct schedule *schedule, uint64_t parts)
{
	uint64_t stay = howmany(survivors_of_burst(schedule), parts);
	uint64_t before = 0; /* survivors open when the last burst begins */
	uint64_t burst = howmany(schedule->burst, parts);
	uint64_t trickle = howmany(schedule->trickle, parts);
	uint64_t peak = howmany(schedule->warmup, parts);

	if (!schedule->bursts)
		return MAX(peak, trickle);
	if (schedule->survivors_to_end)
		before = (schedule->bursts - 1) * stay;
	return MAX(peak, before + MAX(burst, stay + trickle));
}

/* The connections of the schedule that have been opened and closed up to a moment of its time. */
struct walk {
	uint64_t index;
	uint64_t time; /* ns, when the step begins */
	uint64_t stay; /* survivors open by then */
	struct step step;
};

static bool walk_begin(const struct schedule *schedule, struct walk *walk)
{
	memset(walk, 0, sizeof(*walk));
	return schedule_step(schedule, 0, &walk->step);
}

/* How many connections the step closes, at its end or, of earlier survivors, at its beginning. */
static uint64_t walk_closed(const struct walk *walk)
{
	return walk->step.connections - walk->step.survivors +
	       (walk->step.replaces ? walk->stay : 0);
}

static bool walk_on(const struct schedule *schedule, struct walk *walk, uint64_t rate)
{
	walk->time += schedule_length(&walk->step, rate);
	walk->stay = (walk->step.replaces ? 0 : walk->stay) + walk->step.survivors;
	return ++walk->index < STEPS_AHEAD && schedule_step(schedule, walk->index, &walk->step);
}

uint64_t schedule_ports(const struct schedule *schedule, uint64_t hold, uint64_t rate)
{
	uint64_t most = 0, waiting = 0;
	struct walk front, back; /* what back has passed is free again */
	bool more = walk_begin(schedule, &front);

	walk_begin(schedule, &back);
	while (more) {
		while (back.index < front.index &&
		       back.time + schedule_length(&back.step, rate) + hold <= front.time) {
			waiting -= walk_closed(&back);
			walk_on(schedule, &back, rate);
		}
		/* Ports of survivors that the step replaces are in use as well: open, or waiting.
		 */
		most = MAX(most, front.stay + front.step.connections + waiting);
		waiting += walk_closed(&front);
		more = walk_on(schedule, &front, rate);
	}
	return most;
}
