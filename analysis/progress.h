/*
 * progress.h - what `tidemark run` shows on stderr while it works: one line that is redrawn on a
 * terminal, a line a run elsewhere; with the time left, as the finished runs let expect it.
 */
#ifndef ANALYSIS_PROGRESS_H
#define ANALYSIS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/matrix.h"

#define PROGRESS_UNKNOWN UINT64_MAX /* connections that are open */

struct progress {
	bool terminal;
	size_t count;	      /* runs in all */
	size_t done;	      /* also those of an earlier session */
	uint64_t left;	      /* ns that the runs which are not over are expected to take */
	uint64_t spent;	      /* ns that those of this session took */
	uint64_t anticipated; /* ns that these were expected to take */
	uint64_t run_begin;   /* ns, of the run that is under way */
};

/* Of count runs, done were over before; the others are expected to take left ns. */
void progress_begin(struct progress *progress, size_t count, size_t done, uint64_t left);
void progress_run(struct progress *progress);

/* Called often; draws on a terminal. open: connections that the server has, or unknown. */
void progress_tick(const struct progress *progress, const struct cell *cell, uint64_t open);

/* The run is over; remark: NULL, or why it is void. */
void progress_done(struct progress *progress, const struct cell *cell, const char *remark);

#endif
