/*
 * run.h - one run of one cell: server, probe and pulse, from the start to the verdict.
 */
#ifndef ANALYSIS_RUN_H
#define ANALYSIS_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/matrix.h"
#include "analysis/options.h"
#include "analysis/progress.h"

#define RUN_WHY 512

struct run_context {
	const struct run_options *options;
	const char *programs;  /* folder of server-NAME, probe and pulse */
	const char *directory; /* of the experiment */
	struct progress *progress;
	size_t count; /* of runs in the experiment */
	int signals;  /* readable when the user wants to stop */
};

/*
 * Runs the cell and writes its folder, named by its place in the order (from 1). Returns 0 when the
 * run is complete; 1 when it is void, with the reason in why (its folder says so too);
 * -EINTR when the user stopped it, and then its folder keeps a name that ends in ".part"; or
 * another -errno when the folder could not be written. Leaves no process behind in any case.
 */
int run_cell(const struct run_context *context, const struct cell *cell, size_t place,
	     char why[RUN_WHY]);

#endif
