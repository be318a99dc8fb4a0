/*
 * ramp.h - how many connections were planned to be open when: what pulse was told, from the moment
 * that it began each phase.
 *
 * Knows nothing of what became of them: a server that lags has the same ramp as one that does not.
 */
#ifndef ANALYSIS_RAMP_H
#define ANALYSIS_RAMP_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/load.h"

/* There are straight lines between corners; two at one moment are a step. */
struct corner {
	double seconds; /* as panels_seconds() */
	double connections;
};

struct ramp {
	struct corner *corners;
	size_t count;
	double top;	   /* the most connections */
	bool climb_known;  /* else it climbs until the last connection was established */
	bool linger_known; /* else it falls while they were closed */
};

/* From the phases and the command of pulse in run.json. Returns 0 or -ENOMEM. */
int ramp_build(struct ramp *ramp, const struct run *run);

/* Connections at that moment; of a step, those behind it. */
double ramp_at(const struct ramp *ramp, double seconds);

void ramp_free(struct ramp *ramp);

#endif
