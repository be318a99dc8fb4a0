/*
 * cast.h - the three programs of a run, started and stopped in order.
 */
#ifndef ANALYSIS_CAST_H
#define ANALYSIS_CAST_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/cgroup.h"
#include "analysis/child.h"
#include "analysis/list.h"
#include "analysis/listens.h"
#include "analysis/run.h"
#include "server/base/status.h"

struct cast {
	char folder[PATH_MAX]; /* of the run, with ".part" */
	struct child server, probe, pulse;
	struct list server_command, probe_command, pulse_command;
	char status_path[PATH_MAX + 16], phases_path[PATH_MAX + 16];
	struct status_page *status; /* NULL for a server that is not ours */
	char address[LISTENS_TEXT]; /* where pulse connects */
	pid_t server_pid;
	const char *library; /* preloaded into the server; or NULL */
	json_t *variables;   /* of the server, see variables.h; or NULL */
	struct cgroup cgroup;
	bool limited; /* cgroup is in use */
};

void cast_init(struct cast *cast);

/* Starts server, probe and pulse, each when the one before is ready. -errno, and a line in why. */
int cast_start(struct cast *cast, const struct run_context *context, const struct cell *cell,
	       char why[RUN_WHY]);

/* What the server has open right now; PROGRESS_UNKNOWN when it does not say. */
uint64_t cast_open_connections(const struct cast *cast);

/* Stops what still runs: pulse, then probe, then server. */
void cast_stop(struct cast *cast);

void cast_free(struct cast *cast);

#endif
