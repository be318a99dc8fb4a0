/*
 * cast.c - the three programs of a run. See cast.h.
 */
#include "analysis/cast.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/command.h"
#include "analysis/foreign.h"
#include "analysis/variables.h"
#include "server/base/units.h"

#define READY_TIME (20 * NS_PER_S) /* generous: for machines under load and sanitizers */
#define STOP_TIME  (20 * NS_PER_S)

void cast_init(struct cast *cast)
{
	memset(cast, 0, sizeof(*cast));
	cast->server = cast->probe = cast->pulse = (struct child){ .pidfd = -1, .ready = -1 };
}

/* The last line that a program left in its log, as the reason why it did not do its work. */
static void quote_log(const struct cast *cast, const char *name, char *text, size_t room)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s.log", cast->folder, name);
	child_quote(path, text, room);
}

static int start(struct cast *cast, struct child *child, const struct list *command,
		 const char *name, bool kept)
{
	char log[PATH_MAX + 32], out[PATH_MAX + 32];
	struct child_files files = { .log = log, .kept = kept };

	snprintf(log, sizeof(log), "%s/%s.log", cast->folder, name);
	if (child == &cast->pulse) {
		snprintf(out, sizeof(out), "%s/%s.txt", cast->folder, name);
		files.out = out;
	}
	if (child == &cast->server && cast->limited)
		files.cgroup = cast->cgroup.procs;
	if (child == &cast->server)
		files.preload = cast->library;
	return child_start(child, (const char *const *)command->items, &files);
}

/* Starts one of our own programs and waits until it is ready. */
static int start_own(struct cast *cast, struct child *child, const struct list *command,
		     const char *name, uint64_t limit, char why[RUN_WHY])
{
	char line[256], end[64];
	int error = start(cast, child, command, name, false);

	if (!error)
		error = child_wait_ready(child, limit);
	if (!error)
		return 0;
	quote_log(cast, name, line, sizeof(line));
	if (error == -ECHILD)
		snprintf(why, RUN_WHY, "%s did not start (%s)%s", name,
			 child_describe(child, end, sizeof(end)), line);
	else
		snprintf(why, RUN_WHY, "%s did not start: %s%s", name, strerror(-error), line);
	return error;
}

static int limit_memory(struct cast *cast, uint64_t limit, char why[RUN_WHY])
{
	char name[32];
	int error;

	snprintf(name, sizeof(name), CGROUP_PREFIX "%d", getpid());
	error = cgroup_create(&cast->cgroup, name, limit);
	cast->limited = !error;
	if (error)
		snprintf(why, RUN_WHY, "--memory-limit: cannot make a memory cgroup: %s%s",
			 strerror(-error),
			 error == -ENODEV ? "; mount one in /sys/fs/cgroup" : "; try as root");
	return error;
}

static int start_server(struct cast *cast, const struct run_context *context,
			const struct cell *cell, char why[RUN_WHY])
{
	int error;

	snprintf(cast->status_path, sizeof(cast->status_path), "%s/status", cast->folder);
	error = command_server(&cast->server_command, context, cell, cast->status_path);
	if (!error)
		error = start_own(cast, &cast->server, &cast->server_command, "server",
				  context->options->start_limit, why);
	if (error)
		return error;
	cast->server_pid = cast->server.pid;
	error = status_open(&cast->status, cast->status_path);
	if (error)
		snprintf(why, RUN_WHY, "%.400s: %s", cast->status_path, strerror(-error));
	else
		snprintf(cast->address, sizeof(cast->address), "127.0.0.1:%u",
			 status_port(cast->status));
	return error;
}

static int start_foreign(struct cast *cast, const struct run_context *context,
			 const struct cell *cell, char why[RUN_WHY])
{
	char reason[FOREIGN_WHY], line[256];
	uint16_t port;
	int error = foreign_port(&port);

	if (!error)
		error = foreign_words(&cast->server_command, cell->command, port, why);
	if (!error)
		error = start(cast, &cast->server, &cast->server_command, "server", true);
	if (error)
		return error;
	error = foreign_wait(&cast->server, port, context->options->start_limit, context->signals,
			     cast->address, &cast->server_pid, reason);
	quote_log(cast, "server", line, sizeof(line));
	if (error)
		snprintf(why, RUN_WHY, "%s%s", reason, error == -EINTR ? "" : line);
	return error;
}

int cast_start(struct cast *cast, const struct run_context *context, const struct cell *cell,
	       char why[RUN_WHY])
{
	uint64_t limit = strtoull(cell->values[CELL_LIMIT], NULL, 10);
	char traffic[PATH_MAX + 16];
	int error = 0;

	cast->library = cell->library;
	snprintf(why, RUN_WHY, "cannot start the server");
	if (limit)
		error = limit_memory(cast, limit, why);
	if (!error)
		error = cell->command ? start_foreign(cast, context, cell, why)
				      : start_server(cast, context, cell, why);
	if (!error)
		cast->variables = variables_read(cast->server_pid);
	if (!error)
		error = command_probe(&cast->probe_command, context,
				      cell->command ? NULL : cast->status_path, cast->server_pid,
				      cast->folder);
	if (!error)
		error = start_own(cast, &cast->probe, &cast->probe_command, "probe", READY_TIME,
				  why);
	snprintf(cast->phases_path, sizeof(cast->phases_path), "%s/phases.csv", cast->folder);
	snprintf(traffic, sizeof(traffic), "%s/traffic.csv", cast->folder);
	if (!error)
		error = command_pulse(&cast->pulse_command, context, cell, cast->address,
				      cast->phases_path, traffic);
	if (!error)
		error = start_own(cast, &cast->pulse, &cast->pulse_command, "pulse", READY_TIME,
				  why);
	return error;
}

uint64_t cast_open_connections(const struct cast *cast)
{
	struct status_slot total;

	if (!cast->status || status_read(cast->status, &total))
		return PROGRESS_UNKNOWN;
	return total.opened - total.closed;
}

void cast_stop(struct cast *cast)
{
	child_stop(&cast->pulse, STOP_TIME);
	child_stop(&cast->probe, STOP_TIME);
	child_stop(&cast->server, STOP_TIME);
}

void cast_free(struct cast *cast)
{
	cast_stop(cast);
	status_close(cast->status);
	if (cast->limited)
		cgroup_remove(&cast->cgroup);
	json_decref(cast->variables);
	list_free(&cast->server_command);
	list_free(&cast->probe_command);
	list_free(&cast->pulse_command);
}
