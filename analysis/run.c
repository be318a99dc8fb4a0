/*
 * run.c - one run of one cell. See run.h.
 *
 * The folder is filled under a name that ends in ".part" and renamed when run.json is in it: what
 * has its final name is whole.
 */
#include "analysis/run.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/cast.h"
#include "analysis/verdict.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"

#define TICK	    (200 * NS_PER_MS)
#define FOLDER_NAME 160

/* Waits for pulse to end. Returns 0, -EINTR, -ETIMEDOUT or -ECHILD: server or probe ended first. */
static int watch(const struct run_context *context, const struct cell *cell, struct cast *cast)
{
	uint64_t end = clock_now() + context->options->time_limit;

	while (!child_ended(&cast->pulse)) {
		struct pollfd fds[] = { { .fd = cast->pulse.pidfd, .events = POLLIN },
					{ .fd = cast->server.pidfd, .events = POLLIN },
					{ .fd = cast->probe.pidfd, .events = POLLIN },
					{ .fd = context->signals, .events = POLLIN } };

		poll(fds, 4, (int)(TICK / NS_PER_MS));
		if (process_next_signal(context->signals))
			return -EINTR;
		if (child_ended(&cast->server) || child_ended(&cast->probe))
			return -ECHILD;
		if (clock_now() > end)
			return -ETIMEDOUT;
		progress_tick(context->progress, cell, cast_open_connections(cast));
	}
	return 0;
}

/* Starts all and waits for the end. Returns 0 or what went wrong, as a line in why. */
static int perform(const struct run_context *context, const struct cell *cell, struct cast *cast,
		   char why[RUN_WHY])
{
	char limit[32];
	int error = cast_start(cast, context, cell, why);

	if (error)
		return verdict_on_limit(cast, why) ? 1 : error;
	error = watch(context, cell, cast);
	if (error == -ECHILD && verdict_on_early_end(cast, why))
		return 1;
	/* Probe before server, so that the last sample still sees it. */
	cast_stop(cast);
	if (error == -EINTR)
		snprintf(why, RUN_WHY, "interrupted");
	else if (error == -ETIMEDOUT)
		snprintf(why, RUN_WHY, "took longer than --time-limit %s",
			 format_duration(limit, sizeof(limit),
					 (double)context->options->time_limit));
	else
		error = verdict_of(cast, why);
	return error;
}

/* A name for people, with nothing in it that a shell or a CSV file would have to quote. */
static void name_folder(const struct run_context *context, const struct cell *cell, size_t place,
			char name[FOLDER_NAME])
{
	int width = snprintf(NULL, 0, "%zu", context->count);
	int length = snprintf(name, FOLDER_NAME, "%0*zu-", width > 3 ? width : 3, place);

	for (const char *c = cell->name; *c && length < FOLDER_NAME - 16; c++) {
		if (c[0] == ',' && c[1] == ' ')
			name[length++] = *c++ == ',' ? '-' : *c;
		else
			name[length++] = isalnum((unsigned char)*c) || strchr("._=%@+-", *c) ? *c
											     : '_';
	}
	name[length] = '\0';
	if (context->options->repeat > 1)
		snprintf(name + length, (size_t)(FOLDER_NAME - length), "-r%" PRIu64, cell->repeat);
}

/*
 * The pid makes the name one that no earlier attempt had: programs that a killed tidemark left may
 * still be writing into theirs while they end.
 */
static int make_folder(const struct run_context *context, const struct cell *cell, size_t place,
		       char part[PATH_MAX], char finished[PATH_MAX])
{
	char name[FOLDER_NAME];

	name_folder(context, cell, place, name);
	if (snprintf(finished, PATH_MAX, "%s/%s", context->directory, name) >= PATH_MAX ||
	    snprintf(part, PATH_MAX, "%s.%d.part", finished, getpid()) >= PATH_MAX)
		return -ENAMETOOLONG;
	return mkdir(part, 0755) ? -errno : 0;
}

int run_cell(const struct run_context *context, const struct cell *cell, size_t place,
	     char why[RUN_WHY])
{
	char finished[PATH_MAX];
	struct cast cast;
	int result, error;

	why[0] = '\0';
	cast_init(&cast);
	error = make_folder(context, cell, place, cast.folder, finished);
	if (error) {
		snprintf(why, RUN_WHY, "%s: %s", context->directory, strerror(-error));
		return error;
	}
	result = perform(context, cell, &cast, why);
	cast_stop(&cast);
	error = verdict_write(&cast, cell, result ? why : NULL);
	if (!error && result != -EINTR && rename(cast.folder, finished))
		error = -errno;
	if (error)
		snprintf(why, RUN_WHY, "%.400s: cannot write run.json: %s", cast.folder,
			 strerror(-error));
	cast_free(&cast);
	if (error)
		return error;
	return result == -EINTR ? -EINTR : result != 0;
}
