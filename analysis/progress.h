/*
 * progress.h - what `tidemark run` shows on stderr while it works: one line that is redrawn on a
 * terminal, a line a run elsewhere.
 */
#ifndef ANALYSIS_PROGRESS_H
#define ANALYSIS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/matrix.h"

struct progress {
	bool terminal;
	size_t count; /* runs in all */
	size_t done;
	uint64_t begin;	    /* ns */
	uint64_t run_begin; /* ns, of the run that is under way */
};

void progress_begin(struct progress *progress, size_t count);
void progress_run(struct progress *progress);

/* Called often; draws on a terminal. open: connections that the server has. */
void progress_tick(const struct progress *progress, const struct cell *cell, uint64_t open);

/* The run is over; remark: NULL, or why it is void. */
void progress_done(struct progress *progress, const struct cell *cell, const char *remark);

#endif
