/*
 * million_plan.c - into how many processes so many connections go. See million_plan.h.
 */
#include "analysis/million_plan.h"

#include <errno.h>
#include <sys/param.h>

#define LEAST_WORKERS 2
#define MOST_WORKERS  2048

/* A worker's: its listener and a spare of it, epoll, events, status page, standard streams. */
#define WORKER_FDS 32
#define CALLER_FDS 18

/* The share of an address's ports that is used, as pulse has it: a full range is slow to search. */
#define USED_PART 4

/*
 * The workers share a listener, and one that is full leaves what waits to the others, so they need
 * not be dealt even shares.
 */
int million_plan_make(struct million_plan *plan, uint64_t connections, uint64_t fds, uint64_t ports)
{
	*plan = (struct million_plan){ .fds = howmany(connections, MOST_WORKERS) + WORKER_FDS };
	if (plan->fds > fds)
		return -EMFILE;
	plan->workers = MAX(howmany(connections, fds - WORKER_FDS), LEAST_WORKERS);
	plan->callers = howmany(connections, fds - CALLER_FDS);
	plan->sources = howmany(USED_PART * connections, ports);
	return 0;
}
