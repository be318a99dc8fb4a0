/*
 * rehearse.c - would these programs take these options? See rehearse.h.
 */
#include "analysis/rehearse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analysis/child.h"
#include "analysis/command.h"
#include "analysis/foreign.h"
#include "analysis/preload.h"
#include "server/base/units.h"

/*
 * What a run takes besides its schedule: programs start and end, and connections must be made.
 * Measured on 2 busy cores with bursts of 2,000 and of 10,000 (1.2 s and 4.2 s in all); progress
 * goes by what the runs really take.
 */
#define RUN_EXTRA	 NS_PER_S
#define CONNECTION_EXTRA (100 * NS_PER_US)

/* A program answers at once, or within this on a very busy machine; else it hangs. */
#define ANSWER_TIME (20 * NS_PER_S)
#define ANSWER_TEXT "20 s"
#define STOP_TIME   NS_PER_S

#define SCRATCH_PATH 64
#define SERVER_SAYS  "server-" PRELOAD ": "
#define SERVER_USAGE 2 /* exit status for options that a server does not take */

struct outline {
	uint64_t time; /* ns */
	bool bursts, trickles;
};

/*
 * Runs a command to its end. Returns its exit code; or, with a line in why, 128 + signal or -errno:
 * -ETIMEDOUT when it had to be ended, -ECHILD when it was to say that it is ready, and did not.
 */
static int ask(const struct list *command, const struct child_files *files, bool says_ready,
	       char why[RUN_WHY])
{
	struct child child;
	char end[64];
	int error = child_start(&child, (const char *const *)command->items, files);

	if (error) {
		snprintf(why, RUN_WHY, "%.400s: %s", command->items[0], strerror(-error));
		return error;
	}
	if (says_ready)
		error = child_wait_ready(&child, ANSWER_TIME);
	if (error == -ETIMEDOUT || child_wait_end(&child, ANSWER_TIME)) {
		child_stop(&child, STOP_TIME);
		snprintf(why, RUN_WHY, "%.400s gave no answer for " ANSWER_TEXT, command->items[0]);
		return -ETIMEDOUT;
	}
	if (child_exit_code(&child) > 128)
		snprintf(why, RUN_WHY, "%.400s: %s", command->items[0],
			 child_describe(&child, end, sizeof(end)));
	if (!error || child_exit_code(&child))
		return child_exit_code(&child);
	snprintf(why, RUN_WHY, "%.400s ended before it had checked its options", command->items[0]);
	return error;
}

/* A file in memory that a child can open by the path. NULL: errno tells. */
static FILE *open_scratch(char path[SCRATCH_PATH])
{
	int fd = memfd_create("rehearsal", MFD_CLOEXEC);

	snprintf(path, SCRATCH_PATH, "/proc/%d/fd/%d", getpid(), fd);
	return fd < 0 ? NULL : fdopen(fd, "r");
}

/*
 * The line that tells why: the dynamic linker's where it has one, else the server's last, else the
 * last of what the library says.
 */
static void read_reason(FILE *file, char reason[RUN_WHY])
{
	char line[RUN_WHY];
	bool told = false;

	rewind(file);
	reason[0] = '\0';
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && (!told || !strncmp(line, SERVER_SAYS, strlen(SERVER_SAYS))))
			snprintf(reason, RUN_WHY, "%s", line);
		told |= !strncmp(line, SERVER_SAYS, strlen(SERVER_SAYS));
		if (strstr(line, "ld.so: "))
			return;
	}
}

/* With a library preloaded anything may happen: what does is said in one line that names it. */
static void blame(const struct cell *cell, int code, const char *reason, char why[RUN_WHY])
{
	bool told = !strncmp(reason, SERVER_SAYS, strlen(SERVER_SAYS));
	char what[RUN_WHY];

	if (code == SERVER_USAGE && told) {
		snprintf(why, RUN_WHY, "%.500s", reason);
		return;
	}
	if (code == -ETIMEDOUT)
		snprintf(what, RUN_WHY,
			 "%.200s keeps the server from starting (no answer for " ANSWER_TEXT ")",
			 cell->library);
	else if (code > 128)
		snprintf(what, RUN_WHY, "%.200s makes the server crash (%s)", cell->library,
			 strsignal(code - 128));
	else if (code < 0 || !*reason)
		snprintf(what, RUN_WHY, "%.200s ends the server (exit status %d)", cell->library,
			 code < 0 ? 0 : code);
	else
		snprintf(what, RUN_WHY, "%.400s", reason);
	snprintf(why, RUN_WHY, "--allocators %.80s: %.400s", cell->values[CELL_ALLOCATOR], what);
}

static int ask_preloaded(const struct list *command, const struct cell *cell, char why[RUN_WHY])
{
	char log[SCRATCH_PATH], reason[RUN_WHY];
	FILE *file = open_scratch(log);
	struct child_files files = { .log = log, .preload = cell->library };
	int code;

	if (!file)
		return -errno;
	code = ask(command, &files, true, why);
	read_reason(file, reason);
	fclose(file);
	if (code > 0 || code == -ETIMEDOUT || code == -ECHILD)
		blame(cell, code, reason, why);
	return code;
}

static int ask_server(const struct run_context *context, const struct cell *cell, char why[RUN_WHY])
{
	struct child_files files = { .out = "/dev/null", .log = "/dev/stderr" };
	struct list command = { 0 };
	int error;

	if (cell->command)
		return foreign_check(cell->command, why);
	error = command_server_check(&command, context, cell);
	if (!error)
		error = cell->library ? ask_preloaded(&command, cell, why)
				      : ask(&command, &files, true, why);
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
		outline->bursts |= !strcmp(phase, "burst");
		outline->trickles |= !strcmp(phase, "trickle");
	}
	return 0;
}

static int ask_pulse(const struct run_context *context, const struct cell *cell,
		     struct outline *outline, char why[RUN_WHY])
{
	char out[SCRATCH_PATH];
	FILE *file = open_scratch(out);
	struct child_files files = { .out = out, .log = "/dev/stderr" };
	struct list command = { 0 };
	int error;

	if (!file)
		return -errno;
	error = command_pulse_outline(&command, context, cell);
	if (!error)
		error = ask(&command, &files, false, why);
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

/* All figures are of what happens after the last burst. */
static int judge_bursts(const struct outline *outline, char why[RUN_WHY])
{
	if (outline->bursts)
		return 0;
	snprintf(why, RUN_WHY,
		 "--bursts 0 behind the --: there is no burst to measure after; give 1 or more");
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

		if (cell->repeat == 1 && ask_server(context, cell, why))
			return -EINVAL;
		if (ask_pulse(context, cell, &outline, why) || judge_bursts(&outline, why) ||
		    judge_time(context, &outline, why) || judge_trickle(cell, &outline, both, why))
			return -EINVAL;
		cell->expected = outline.time;
	}
	return 0;
}
