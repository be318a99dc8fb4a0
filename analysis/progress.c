/*
 * progress.c - what `tidemark run` shows while it works. See progress.h.
 */
#include "analysis/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/units.h"

void progress_begin(struct progress *progress, size_t count, size_t done, uint64_t left)
{
	*progress = (struct progress){
		.terminal = isatty(STDERR_FILENO) == 1, .count = count, .done = done, .left = left
	};
}

void progress_run(struct progress *progress)
{
	progress->run_begin = clock_now();
}

/* What is expected, put right by what was expected of the finished runs and what they took. */
static void print_left(const struct progress *progress, uint64_t running)
{
	double left = (double)progress->left;

	if (progress->anticipated)
		left *= (double)progress->spent / (double)progress->anticipated;
	left = left > (double)running ? (left - (double)running) / NS_PER_S : 0;
	fprintf(stderr, ", about %d:%02d left", (int)left / 60, (int)left % 60);
}

void progress_tick(const struct progress *progress, const struct cell *cell, uint64_t open)
{
	uint64_t running = clock_now() - progress->run_begin;

	if (!progress->terminal)
		return;
	fprintf(stderr, "\r\033[K[%zu/%zu] %s: %" PRIu64 " s", progress->done + 1, progress->count,
		cell->name, running / NS_PER_S);
	if (open != PROGRESS_UNKNOWN)
		fprintf(stderr, ", %" PRIu64 " connections open", open);
	print_left(progress, running);
	fflush(stderr);
}

void progress_done(struct progress *progress, const struct cell *cell, const char *remark)
{
	uint64_t spent = clock_now() - progress->run_begin;
	char text[32];

	progress->done++;
	progress->left -= cell->expected;
	progress->spent += spent;
	progress->anticipated += cell->expected;
	if (progress->terminal && !remark) {
		fprintf(stderr, "\r\033[K");
		return;
	}
	fprintf(stderr, "%s[%zu/%zu] %s: %s%s (%s)", progress->terminal ? "\r\033[K" : "",
		progress->done, progress->count, cell->name, remark ? "void: " : "complete",
		remark ? remark : "", format_duration(text, sizeof(text), (double)spent));
	if (progress->done < progress->count)
		print_left(progress, 0);
	fprintf(stderr, "\n");
}
