/*
 * crew_plan.c - how much work each of a crew's event loops has. See crew_plan.h.
 */
#include "pulse/crew_plan.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

/* Descriptors that belong to no loop: standard streams, record, signals, bell, inherited ones. */
#define OTHER_FDS 16

/* epoll and what wakes it. */
#define LOOP_FDS 2

uint64_t crew_share(uint64_t total, uint32_t loops, uint32_t index)
{
	return total / loops + (index < total % loops);
}

uint64_t crew_share_of_survivors(const struct step *step, enum survivor_order order, uint32_t loops,
				 uint32_t index)
{
	uint64_t others = step->connections - step->survivors;

	if (order == SURVIVORS_NEWEST)
		return crew_share(step->connections, loops, index) -
		       crew_share(others, loops, index);
	return crew_share(step->survivors, loops, index);
}

/* A step of niceness is a quarter more or less weight (kernel/sched/core.c, sched_prio_to_weight).
 */
int crew_niceness(uint32_t loops, uint32_t cpus)
{
	return loops > cpus ? (int)lround(log((double)loops / cpus) / log(1.25)) : 0;
}

uint64_t crew_fds(const struct crew_plan *plan)
{
	return plan->loops * (plan->capacity + LOOP_FDS) + OTHER_FDS;
}

/* The parent has what wakes each loop. */
static bool fits(const struct crew_plan *plan, uint64_t fds)
{
	return crew_fds(plan) <= fds && (uint64_t)plan->workers * plan->loops + OTHER_FDS <= fds;
}

static void fill(struct crew_plan *plan, const struct schedule *schedule, uint32_t workers,
		 uint32_t loops)
{
	plan->workers = workers;
	plan->loops = loops;
	plan->capacity = schedule_share_of_peak(schedule, workers * loops);
}

int crew_plan_make(struct crew_plan *plan, const struct schedule *schedule, uint32_t loops,
		   uint64_t fds)
{
	for (uint32_t workers = 1; workers <= CREW_MOST_WORKERS; workers++) {
		fill(plan, schedule, workers, loops);
		if (fits(plan, fds))
			return 0;
	}
	fill(plan, schedule, 1, loops);
	return -ENOBUFS;
}
