/*
 * million_progress.c - the line that a person at a terminal watches. See million_progress.h.
 */
#include "analysis/million_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/units.h"

#define REDRAW (200 * NS_PER_MS)

/* Back to the first column, and erase the line (ECMA-48 EL). */
#define ERASE "\r\033[K"

void million_progress_begin(struct million_progress *progress, const char *pass, uint64_t wanted)
{
	*progress = (struct million_progress){
		.pass = pass,
		.terminal = isatty(STDERR_FILENO) == 1,
		.wanted = wanted,
	};
}

void million_progress_draw(struct million_progress *progress, uint64_t open)
{
	uint64_t now = clock_now();

	if (!progress->terminal || now < progress->due)
		return;
	progress->due = now + REDRAW;
	fprintf(stderr, ERASE "%s: %" PRIu64 " of %" PRIu64 " open", progress->pass, open,
		progress->wanted);
	fflush(stderr);
}

void million_progress_end(const struct million_progress *progress)
{
	if (progress->terminal)
		fputs(ERASE, stderr);
}
