/*
 * cast.h - the three programs of a run: how they are called, started and stopped.
 */
#ifndef ANALYSIS_CAST_H
#define ANALYSIS_CAST_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/cgroup.h"
#include "analysis/child.h"
#include "analysis/run.h"
#include "server/base/status.h"

#define CAST_ARGUMENTS 96

struct command {
	const char *argv[CAST_ARGUMENTS + 1]; /* NULL-terminated */
	size_t count;
};

struct cast {
	char folder[PATH_MAX]; /* of the run, with ".part" */
	struct child server, probe, pulse;
	struct command server_command, probe_command, pulse_command;
	char server_path[PATH_MAX], probe_path[PATH_MAX], pulse_path[PATH_MAX];
	char status_path[PATH_MAX + 16], phases_path[PATH_MAX + 16];
	char address[64], seed[24], warmup[24], duration[24];
	struct status_page *status;
	pid_t server_pid;
	struct cgroup cgroup;
	bool limited; /* cgroup is in use */
};

void cast_init(struct cast *cast);

/* Starts server, probe and pulse, each when the one before is ready. -errno, and a line in why. */
int cast_start(struct cast *cast, const struct run_context *context, const struct cell *cell,
	       char why[RUN_WHY]);

/* What the server has open right now. */
uint64_t cast_open_connections(const struct cast *cast);

/* Stops what still runs: pulse, then probe, then server. */
void cast_stop(struct cast *cast);

void cast_free(struct cast *cast);

/*
 * Would these programs take these options? Asks each server and pulse to parse them, and lets them
 * say what is wrong on stderr. Returns 0 or -EINVAL.
 */
int cast_check(const struct run_context *context, const struct matrix *matrix);

#endif
