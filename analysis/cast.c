/*
 * cast.c - the three programs of a run. See cast.h.
 */
#include "analysis/cast.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/base/units.h"

#define START_TIME (20 * NS_PER_S) /* generous: for machines under load and sanitizers */
#define STOP_TIME  (20 * NS_PER_S)

void cast_init(struct cast *cast)
{
	memset(cast, 0, sizeof(*cast));
	cast->server = cast->probe = cast->pulse = (struct child){ .pidfd = -1, .ready = -1 };
}

static void add(struct command *command, const char *word)
{
	if (command->count < CAST_ARGUMENTS)
		command->argv[command->count++] = word;
}

static void add_option(struct command *command, const char *name, const char *value)
{
	add(command, name);
	add(command, value);
}

static void command_server(struct cast *cast, const struct run_context *context,
			   const struct cell *cell)
{
	struct command *command = &cast->server_command;

	snprintf(cast->server_path, PATH_MAX, "%s/server-%s", context->programs, cell->allocator);
	snprintf(cast->status_path, sizeof(cast->status_path), "%s/status", cast->folder);
	command->count = 0;
	add(command, cast->server_path);
	add_option(command, "--listen", "127.0.0.1:0");
	add_option(command, "--footprint", context->options->footprint);
	add_option(command, "--release", cell->release);
	add_option(command, "--status", cast->status_path);
	add_option(command, "--ready-fd", CHILD_READY_FD);
	add(command, NULL);
}

static void command_probe(struct cast *cast, const struct run_context *context)
{
	struct command *command = &cast->probe_command;

	snprintf(cast->probe_path, PATH_MAX, "%s/probe", context->programs);
	snprintf(cast->duration, sizeof(cast->duration), "%" PRIu64 "ms",
		 (context->options->time_limit + START_TIME) / NS_PER_MS);
	command->count = 0;
	add(command, cast->probe_path);
	add_option(command, "--status", cast->status_path);
	add_option(command, "--record", cast->folder);
	add_option(command, "--duration", cast->duration);
	add_option(command, "--ready-fd", CHILD_READY_FD);
	add(command, NULL);
}

/* What the user put behind "--" comes last, and so prevails. */
static void command_pulse(struct cast *cast, const struct run_context *context, uint16_t port)
{
	struct command *command = &cast->pulse_command;
	const struct run_options *options = context->options;

	snprintf(cast->pulse_path, PATH_MAX, "%s/pulse", context->programs);
	snprintf(cast->phases_path, sizeof(cast->phases_path), "%s/phases.csv", cast->folder);
	snprintf(cast->address, sizeof(cast->address), "127.0.0.1:%u", port);
	snprintf(cast->seed, sizeof(cast->seed), "%" PRIu64, options->seed);
	snprintf(cast->warmup, sizeof(cast->warmup), "%" PRIu64, options->warmup);
	command->count = 0;
	add(command, cast->pulse_path);
	add_option(command, "--connect", cast->address);
	add_option(command, "--record", cast->phases_path);
	add_option(command, "--seed", cast->seed);
	add_option(command, "--warmup", cast->warmup);
	add_option(command, "--survivors", options->survivors);
	add_option(command, "--trickles", "2");
	add_option(command, "--ready-fd", CHILD_READY_FD);
	for (char *const *word = options->pulse; *word; word++)
		add(command, *word);
	add(command, NULL);
}

/* The last line that a program left in its log, as the reason why it did not do its work. */
static void quote_log(const char *path, char *text, size_t room)
{
	FILE *file = fopen(path, "re");
	char line[256];

	text[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0])
			snprintf(text, room, ": %s", line);
	}
	if (file)
		fclose(file);
}

static int start(struct cast *cast, struct child *child, const struct command *command,
		 const char *name, char why[RUN_WHY])
{
	char log[PATH_MAX + 32], out[PATH_MAX + 32], line[256], end[64];
	struct child_files files = { .log = log };
	int error;

	snprintf(log, sizeof(log), "%s/%s.log", cast->folder, name);
	if (child == &cast->pulse) {
		snprintf(out, sizeof(out), "%s/%s.txt", cast->folder, name);
		files.out = out;
	}
	if (child == &cast->server && cast->limited)
		files.cgroup = cast->cgroup.procs;
	error = child_start(child, command->argv, &files);
	if (!error)
		error = child_wait_ready(child, START_TIME);
	if (!error)
		return 0;
	quote_log(log, line, sizeof(line));
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

	snprintf(name, sizeof(name), "tidemark-%d", getpid());
	error = cgroup_create(&cast->cgroup, name, limit);
	cast->limited = !error;
	if (error)
		snprintf(why, RUN_WHY, "--memory-limit: cannot make a memory cgroup: %s%s",
			 strerror(-error),
			 error == -ENODEV ? "; mount one in /sys/fs/cgroup" : "; try as root");
	return error;
}

int cast_start(struct cast *cast, const struct run_context *context, const struct cell *cell,
	       char why[RUN_WHY])
{
	int error = 0;

	if (context->options->memory_limit)
		error = limit_memory(cast, context->options->memory_limit, why);
	if (error)
		return error;
	command_server(cast, context, cell);
	error = start(cast, &cast->server, &cast->server_command, "server", why);
	if (error)
		return error;
	cast->server_pid = cast->server.pid;
	error = status_open(&cast->status, cast->status_path);
	if (error) {
		snprintf(why, RUN_WHY, "%s: %s", cast->status_path, strerror(-error));
		return error;
	}
	command_probe(cast, context);
	error = start(cast, &cast->probe, &cast->probe_command, "probe", why);
	if (error)
		return error;
	command_pulse(cast, context, status_port(cast->status));
	return start(cast, &cast->pulse, &cast->pulse_command, "pulse", why);
}

uint64_t cast_open_connections(const struct cast *cast)
{
	struct status_slot total;

	if (!cast->status || status_read(cast->status, &total))
		return 0;
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
}

/* Runs a command with "--help" at its end: it parses all options and does nothing. */
static int ask(struct command *command)
{
	struct child child;
	struct child_files files = { .out = "/dev/null", .log = "/dev/stderr" };

	command->argv[command->count - 1] = "--help";
	command->argv[command->count] = NULL;
	if (child_start(&child, command->argv, &files))
		return -EINVAL;
	while (!child_ended(&child))
		waitid(P_PIDFD, (id_t)child.pidfd, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	return child_exit_code(&child) ? -EINVAL : 0;
}

int cast_check(const struct run_context *context, const struct matrix *matrix)
{
	struct cast cast;
	int error = 0;

	cast_init(&cast);
	for (size_t i = 0; i < matrix->count && !error; i++) {
		if (matrix->cells[i].repeat > 1)
			continue;
		command_server(&cast, context, &matrix->cells[i]);
		error = ask(&cast.server_command);
	}
	if (!error) {
		command_pulse(&cast, context, 1);
		error = ask(&cast.pulse_command);
	}
	return error;
}
