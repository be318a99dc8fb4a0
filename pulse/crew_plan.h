/*
 * crew_plan.h - how much work each of a crew's event loops has: arithmetic, no process.
 *
 * The connections of a step are numbered in the order in which they are planned, and dealt like
 * cards: number 0 to the first loop, 1 to the second, and again to the first behind the last.
 */
#ifndef PULSE_CREW_PLAN_H
#define PULSE_CREW_PLAN_H

#include <stdint.h>

#include "pulse/schedule.h"
#include "pulse/survivors.h"

#define CREW_MOST_WORKERS 1024
#define CREW_MOST_LOOPS	  256 /* in a worker */

struct crew_plan {
	uint32_t workers;  /* processes */
	uint32_t loops;	   /* in each of them */
	uint64_t capacity; /* connections that a loop has open at once, at the most */
};

/* How many of the numbers below total fall to the loop of that index among so many. */
uint64_t crew_share(uint64_t total, uint32_t loops, uint32_t index);

/*
 * How many survivors of a step that loop keeps: of the first (oldest) or last (newest) numbers, or
 * of as many scattered ones, those that are its own. Over all loops, they add up to survivors.
 */
uint64_t crew_share_of_survivors(const struct step *step, enum survivor_order order, uint32_t loops,
				 uint32_t index);

/*
 * How much nicer (nice(2)) each of so many loops must be for all of them to weigh about as much as
 * one a CPU: the server that accepts what they connect has no more than its own share.
 */
int crew_niceness(uint32_t loops, uint32_t cpus);

/* The descriptors that a worker needs. */
uint64_t crew_fds(const struct crew_plan *plan);

/*
 * The fewest workers of so many loops that hold the schedule with fds descriptors each. Returns 0,
 * or -ENOBUFS with the plan of one worker, however large.
 */
int crew_plan_make(struct crew_plan *plan, const struct schedule *schedule, uint32_t loops,
		   uint64_t fds);

#endif
