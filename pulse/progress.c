/*
 * progress.c - the one line that a person at a terminal watches. See progress.h.
 */
#include "pulse/progress.h"

#include <inttypes.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/units.h"

#define REDRAW (100 * NS_PER_MS)

/* Back to the first column, and erase the line (ECMA-48 EL). */
#define ERASE "\r\033[K"

void pulse_progress_open(struct pulse_progress *progress, FILE *file)
{
	int terminal = isatty(fileno(file));

	progress->terminal = terminal ? file : NULL;
	progress->due = 0;
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static void draw_connecting(FILE *file, const struct step *step, const struct pulse *pulse,
			    uint64_t now)
{
	double rate = (double)pulse->connected / (seconds(now - pulse->start) + 1e-9);
	uint64_t missing = pulse->wanted - pulse->connected;

	fprintf(file, ERASE "%s %" PRIu64 "  %" PRIu64 "/%" PRIu64 " established  %.0f/s",
		step->name, step->number, pulse->connected, pulse->wanted, rate);
	if (pulse->connected)
		fprintf(file, "  %.1f s left", (double)missing / rate + seconds(step->time));
}

void pulse_progress_draw(struct pulse_progress *progress, const struct step *step,
			 const struct pulse *pulse, uint64_t survivors, uint64_t end)
{
	FILE *file = progress->terminal;
	uint64_t now;

	if (!file)
		return;
	now = clock_now();
	if (now < progress->due)
		return;
	progress->due = now + REDRAW;
	if (end == PROGRESS_CONNECTING)
		draw_connecting(file, step, pulse, now);
	else if (end == PROGRESS_CLOSING)
		fprintf(file, ERASE "%s %" PRIu64 "  closing, %" PRIu64 " left", step->name,
			step->number, pulse->open);
	else
		fprintf(file, ERASE "%s %" PRIu64 "  %" PRIu64 " open  %.1f s left", step->name,
			step->number, pulse->open + survivors, end > now ? seconds(end - now) : 0);
	fflush(file);
}

void pulse_progress_clear(struct pulse_progress *progress)
{
	if (!progress->terminal)
		return;
	fputs(ERASE, progress->terminal);
	fflush(progress->terminal);
	progress->due = 0;
}
