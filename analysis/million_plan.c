/*
 * million_plan.c - into how many processes so many connections go. See million_plan.h.
 */
#include "analysis/million_plan.h"

#include <errno.h>
#include <math.h>
#include <sys/param.h>

#define LEAST_WORKERS 2
#define MOST_WORKERS  2048

/* A worker's: its listener and a spare of it, epoll, events, status page, standard streams. */
#define WORKER_FDS 32
#define CALLER_FDS 18

/* The share of an address's ports that is used, as pulse has it: a full range is slow to search. */
#define USED_PART 4

/*
 * The kernel deals connections to the listeners of SO_REUSEPORT by a hash, so a worker gets its
 * share give or take the square root of it. Six of these are never exceeded. The supervisor has
 * two descriptors for each worker.
 */
static uint64_t fds_of(uint64_t connections, uint64_t workers)
{
	double share = (double)connections / (double)workers;
	uint64_t most = (uint64_t)ceil(share + 6 * sqrt(share));

	return MAX(most, 2 * workers) + WORKER_FDS;
}

int million_plan_make(struct million_plan *plan, uint64_t connections, uint64_t fds, uint64_t ports)
{
	*plan = (struct million_plan){ .fds = UINT64_MAX };
	for (uint64_t workers = LEAST_WORKERS; workers <= MOST_WORKERS && plan->fds > fds;
	     workers++) {
		uint64_t needed = fds_of(connections, workers);

		if (needed >= plan->fds)
			continue;
		plan->workers = workers;
		plan->fds = needed;
	}
	if (plan->fds > fds)
		return -EMFILE;
	plan->callers = howmany(connections, fds - CALLER_FDS);
	plan->sources = howmany(USED_PART * connections, ports);
	return 0;
}
