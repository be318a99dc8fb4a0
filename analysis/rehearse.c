/*
 * rehearse.c - would these programs take these options? See rehearse.h.
 */
#include "analysis/rehearse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/child.h"
#include "analysis/command.h"
#include "server/base/units.h"

/*
 * What a run takes besides its schedule: programs start and end, and connections must be made.
 * Measured on 2 busy cores with bursts of 2,000 and of 10,000 (1.2 s and 4.2 s in all); progress
 * goes by what the runs really take.
 */
#define RUN_EXTRA	 NS_PER_S
#define CONNECTION_EXTRA (100 * NS_PER_US)

struct outline {
	uint64_t time; /* ns */
	bool trickles;
};

/* Runs a command to its end. Returns 0 when it succeeded. */
static int ask(const struct list *command, const char *out)
{
	struct child child;
	struct child_files files = { .out = out, .log = "/dev/stderr" };

	if (child_start(&child, (const char *const *)command->items, &files))
		return -EINVAL;
	while (!child_ended(&child))
		waitid(P_PIDFD, (id_t)child.pidfd, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	return child_exit_code(&child) ? -EINVAL : 0;
}

static int ask_server(const struct run_context *context, const struct cell *cell)
{
	struct list command = { 0 };
	int error = command_server_check(&command, context, cell);

	if (!error)
		error = ask(&command, "/dev/null");
	list_free(&command);
	return error;
}

static int read_outline(FILE *file, struct outline *outline)
{
	uint64_t number, connections, time;
	char phase[16];

	*outline = (struct outline){ .time = RUN_EXTRA };
	rewind(file);
	if (fscanf(file, "%*s") == EOF)
		return -EINVAL;
	while (fscanf(file, " %15[^,],%" SCNu64 ",%" SCNu64 ",%" SCNu64, phase, &number,
		      &connections, &time) == 4) {
		outline->time += time + connections * CONNECTION_EXTRA;
		outline->trickles |= !strcmp(phase, "trickle");
	}
	return 0;
}

static int ask_pulse(const struct run_context *context, const struct cell *cell,
		     struct outline *outline)
{
	int fd = memfd_create("outline", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	struct list command = { 0 };
	char out[64];
	int error;

	if (!file)
		return -errno;
	snprintf(out, sizeof(out), "/proc/%d/fd/%d", getpid(), fd);
	error = command_pulse_outline(&command, context, cell);
	if (!error)
		error = ask(&command, out);
	if (!error)
		error = read_outline(file, outline);
	list_free(&command);
	fclose(file);
	return error;
}

static int judge_time(const struct run_context *context, const struct outline *outline,
		      char why[RUN_WHY])
{
	char limit[32], time[32];

	if (outline->time <= context->options->time_limit)
		return 0;
	snprintf(why, RUN_WHY, "--time-limit %s: a run takes about %s; raise it",
		 format_duration(limit, sizeof(limit), (double)context->options->time_limit),
		 format_duration(time, sizeof(time), (double)outline->time));
	return -EINVAL;
}

/* A trickle that the schedule does not have is no factor. */
static int judge_trickle(struct cell *cell, const struct outline *outline, bool both,
			 char why[RUN_WHY])
{
	if (outline->trickles || !strcmp(cell->values[CELL_TRICKLE], "off"))
		return 0;
	if (both) {
		snprintf(
			why, RUN_WHY,
			"--trickle on,off: the schedule behind the -- has no trickles to turn off");
		return -EINVAL;
	}
	cell->values[CELL_TRICKLE] = "off";
	return 0;
}

int rehearse(const struct run_context *context, struct matrix *matrix, char why[RUN_WHY])
{
	bool both = matrix->values[CELL_TRICKLE].count > 1;

	why[0] = '\0';
	for (size_t i = 0; i < matrix->count; i++) {
		struct cell *cell = &matrix->cells[i];
		struct outline outline = { 0 };

		if (cell->repeat == 1 && !cell->command && ask_server(context, cell))
			return -EINVAL;
		if (ask_pulse(context, cell, &outline) || judge_time(context, &outline, why) ||
		    judge_trickle(cell, &outline, both, why))
			return -EINVAL;
		cell->expected = outline.time;
	}
	return 0;
}
