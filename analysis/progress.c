/*
 * progress.c - what `tidemark run` shows while it works. See progress.h.
 */
#include "analysis/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/units.h"

void progress_begin(struct progress *progress, size_t count)
{
	*progress = (struct progress){ .terminal = isatty(STDERR_FILENO) == 1,
				       .count = count,
				       .begin = clock_now() };
}

void progress_run(struct progress *progress)
{
	progress->run_begin = clock_now();
}

/* What is left, from what the runs so far took; the first one cannot know. */
static void print_left(const struct progress *progress, uint64_t now)
{
	uint64_t done = progress->run_begin - progress->begin;
	uint64_t each, left;

	if (!progress->done)
		return;
	each = done / progress->done;
	left = each * (progress->count - progress->done);
	left -= now - progress->run_begin < each ? now - progress->run_begin : each;
	left /= NS_PER_S;
	fprintf(stderr, ", about %" PRIu64 ":%02" PRIu64 " left", left / 60, left % 60);
}

void progress_tick(const struct progress *progress, const struct cell *cell, uint64_t open)
{
	uint64_t now = clock_now();

	if (!progress->terminal)
		return;
	fprintf(stderr, "\r\033[K[%zu/%zu] %s, %s: %" PRIu64 " s, %" PRIu64 " connections open",
		progress->done + 1, progress->count, cell->allocator, cell->release,
		(now - progress->run_begin) / NS_PER_S, open);
	print_left(progress, now);
	fflush(stderr);
}

void progress_done(struct progress *progress, const struct cell *cell, const char *remark)
{
	char spent[32];

	progress->done++;
	if (progress->terminal && !remark) {
		fprintf(stderr, "\r\033[K");
		return;
	}
	fprintf(stderr, "%s[%zu/%zu] %s, %s: %s%s (%s)\n", progress->terminal ? "\r\033[K" : "",
		progress->done, progress->count, cell->allocator, cell->release,
		remark ? "void: " : "complete", remark ? remark : "",
		format_duration(spent, sizeof(spent), (double)(clock_now() - progress->run_begin)));
}
