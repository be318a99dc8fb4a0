/*
 * million_plan.h - into how many processes so many connections go: arithmetic.
 */
#ifndef ANALYSIS_MILLION_PLAN_H
#define ANALYSIS_MILLION_PLAN_H

#include <stdint.h>

/*
 * What a pair takes until the bill is known, in bytes: kernel memory of both ends, and our own
 * programs' part.
 */
#define MILLION_PAIR 10240
#define MILLION_USER 192

struct million_plan {
	uint64_t workers; /* of the server */
	uint64_t callers; /* of the bare client, as many as pulse has workers */
	uint64_t sources; /* addresses of the bare client */
	uint64_t fds;	  /* descriptors that a process needs, if there are as many as can be */
};

/*
 * fds: descriptors that a process may have. ports: source ports of one address. Returns 0, or
 * -EMFILE when no number of workers is enough; then plan->fds is what they would need.
 */
int million_plan_make(struct million_plan *plan, uint64_t connections, uint64_t fds,
		      uint64_t ports);

#endif
