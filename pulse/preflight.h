/*
 * preflight.h - from what was asked to what it takes: how many processes, which source addresses,
 * how much memory; and whether this machine has it.
 */
#ifndef PULSE_PREFLIGHT_H
#define PULSE_PREFLIGHT_H

#include <stdint.h>

#include "pulse/available.h"
#include "pulse/crew_plan.h"
#include "pulse/limits.h"
#include "pulse/options.h"
#include "pulse/sources.h"

struct preflight {
	struct crew_plan plan;
	struct sources sources;
	uint64_t floor;		/* bytes of memory that stay available; 0: nobody looks */
	char text[LIMITS_TEXT]; /* a note for the run, "" for none; or why there is none */
};

/*
 * Raises the limit of descriptors. Returns 0, or -errno and in text the line that says what does
 * not fit.
 */
int preflight(struct preflight *preflight, const struct pulse_options *options,
	      const struct available *available);

#endif
