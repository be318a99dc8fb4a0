/*
 * million_progress.h - the line that a person at a terminal watches while a pass runs.
 */
#ifndef ANALYSIS_MILLION_PROGRESS_H
#define ANALYSIS_MILLION_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct million_progress {
	const char *pass; /* its name */
	bool terminal;	  /* stderr is one; otherwise nothing is drawn */
	uint64_t wanted;  /* connections */
	uint64_t due;	  /* ns, when it is drawn again */
};

void million_progress_begin(struct million_progress *progress, const char *pass, uint64_t wanted);

/* May be called as often as one likes. open: connections at this moment. */
void million_progress_draw(struct million_progress *progress, uint64_t open);

/* Takes the line away. */
void million_progress_end(const struct million_progress *progress);

#endif
