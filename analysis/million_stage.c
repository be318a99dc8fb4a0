/*
 * million_stage.c - server and pulse of a pass. See million_stage.h.
 */
#include "analysis/million_stage.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/list.h"
#include "server/base/units.h"

#define READY_TIME (20 * NS_PER_S)
/* Closing a million may take the better part of a minute. */
#define STOP_TIME  (120 * NS_PER_S)
#define LOOK_MS	   10

static void path_of(char path[PATH_MAX + 64], const struct million *million, const char *pass,
		    const char *name)
{
	snprintf(path, PATH_MAX + 64, "%s/%s-%s", million->directory, pass, name);
}

void million_stage_quote(const struct million *million, const char *pass, const char *name,
			 char *text, size_t room)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/%s-%s.log", million->directory, pass, name);
	child_quote(path, text, room);
}

/* Adds an option with a number; before and unit are what stands around it, or "". */
static int add(struct list *command, const char *name, const char *before, uint64_t number,
	       const char *unit)
{
	char value[64];
	int error = list_add(command, name);

	snprintf(value, sizeof(value), "%s%" PRIu64 "%s", before, number, unit);
	return error ? error : list_add(command, value);
}

static int start(struct million_stage *stage, struct child *child, struct list *command,
		 const char *name, char why[MILLION_WHY])
{
	char log[PATH_MAX + 64], out[PATH_MAX + 64], file[64], line[300];
	struct child_files files = { .log = log, .out = out };
	int error;

	snprintf(file, sizeof(file), "%s.log", name);
	path_of(log, stage->million, stage->pass->name, file);
	snprintf(file, sizeof(file), "%s.txt", name);
	path_of(out, stage->million, stage->pass->name, file);
	error = child_start(child, (const char *const *)command->items, &files);
	if (error) {
		snprintf(why, MILLION_WHY, "cannot start %s: %s", name, strerror(-error));
		return error;
	}
	error = child_wait_ready(child, READY_TIME);
	million_stage_quote(stage->million, stage->pass->name, name, line, sizeof(line));
	if (error)
		snprintf(why, MILLION_WHY, "%s did not start%s", name, line);
	return error == -ECHILD ? 1 : error;
}

static int start_server(struct million_stage *stage, char why[MILLION_WHY])
{
	const struct million *million = stage->million;
	char program[PATH_MAX + 64];
	struct list command = { 0 };
	int error;

	snprintf(program, sizeof(program), "%s/server-%s", million->programs,
		 million->options.allocator);
	path_of(stage->status_path, million, stage->pass->name, "status");
	error = list_add(&command, program) ||
		list_split(&command, "--arch,prefork,--share,listener,--listen") ||
		list_split(&command, "127.0.0.1:0,--ready-fd," CHILD_READY_FD ",--status") ||
		list_add(&command, stage->status_path) ||
		add(&command, "--workers", "", million->plan.workers, "");
	error = error ? -ENOMEM : start(stage, &stage->server, &command, "server", why);
	list_free(&command);
	if (!error && status_open(&stage->status, stage->status_path)) {
		snprintf(why, MILLION_WHY, "the server has no status page");
		error = 1;
	}
	return error;
}

/*
 * For the bill addresses that nobody else has: a port that another connection has, be it in
 * TIME_WAIT, has its buckets already, and they are not that of one connection.
 */
static int add_sources(struct list *command, const struct million_pass *pass)
{
	char range[32] = "127.0.0.0/8";

	if (pass->bill)
		snprintf(range, sizeof(range), "127.%d.%d.0/24", 128 + (getpid() >> 8) % 127,
			 getpid() & 0xff);
	return list_add(command, "--source-range") || list_add(command, range);
}

/*
 * The schedule: a warm-up, the rest, and one burst; from as many addresses as the bare pair has
 * (million_plan.c).
 */
static int add_schedule(struct list *command, const struct million *million,
			const struct million_pass *pass, uint64_t rest)
{
	return list_split(command, "--strict,--bursts,1,--window,0,--trickle,0") ||
	       add_sources(command, pass) ||
	       add(command, "--warmup", "", MILLION_WARMUP(pass->connections), "") ||
	       add(command, "--rest", "", rest / NS_PER_MS, "ms") ||
	       add(command, "--burst", "", pass->connections, "") ||
	       add(command, "--linger", "", pass->hold / NS_PER_MS, "ms") ||
	       add(command, "--memory-floor", "", million->options.memory_floor, "");
}

static int start_pulse(struct million_stage *stage, uint64_t rest, char why[MILLION_WHY])
{
	const struct million *million = stage->million;
	char program[PATH_MAX + 64];
	struct list command = { 0 };
	int error;

	snprintf(program, sizeof(program), "%s/pulse", million->programs);
	path_of(stage->phases_path, million, stage->pass->name, "phases.csv");
	error = list_add(&command, program) ||
		add(&command, "--connect", "127.0.0.1:", status_port(stage->status), "") ||
		list_split(&command, "--ready-fd," CHILD_READY_FD ",--record") ||
		list_add(&command, stage->phases_path) ||
		add_schedule(&command, million, stage->pass, rest);
	error = error ? -ENOMEM : start(stage, &stage->pulse, &command, "pulse", why);
	list_free(&command);
	return error;
}

int million_stage_set(struct million_stage *stage, const struct million *million,
		      const struct million_pass *pass, uint64_t rest, char why[MILLION_WHY])
{
	int error;

	memset(stage, 0, sizeof(*stage));
	stage->million = million;
	stage->pass = pass;
	stage->server = stage->pulse = (struct child){ .pidfd = -1, .ready = -1 };
	snprintf(why, MILLION_WHY, "cannot start");
	error = start_server(stage, why);
	return error ? error : start_pulse(stage, rest, why);
}

void million_stage_count(const struct million_stage *stage, uint64_t *open, uint64_t *opened)
{
	struct status_slot total = { 0 };

	status_read(stage->status, &total);
	*open = total.opened - total.closed;
	*opened = total.opened;
}

int million_stage_look(struct million_stage *stage, char why[MILLION_WHY])
{
	struct status_slot total = { 0 };
	char line[300];
	int error = million_wait(stage->million, LOOK_MS);

	if (error)
		return error;
	status_read(stage->status, &total);
	if (!child_ended(&stage->server) && !total.replaced && !total.shed)
		return 0;
	million_stage_quote(stage->million, stage->pass->name, "server", line, sizeof(line));
	if (child_ended(&stage->server))
		snprintf(why, MILLION_WHY, "the server ended%s", line);
	else if (total.replaced)
		snprintf(why, MILLION_WHY, "a worker of the server died%s", line);
	else
		snprintf(why, MILLION_WHY, "the server shed %" PRIu64 " connections%s", total.shed,
			 line);
	return 1;
}

static int find_burst(const struct million_stage *stage, struct phase *burst)
{
	struct phase *phases;
	size_t count, line;
	int error = record_load(&record_phases, stage->phases_path, (void **)&phases, &count,
				&line);

	if (error)
		return error;
	error = -ENOENT;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(phases[i].name, "burst") != 0)
			continue;
		*burst = phases[i];
		error = 0;
	}
	free(phases);
	return error;
}

int million_stage_judge(struct million_stage *stage, struct phase *burst, char why[MILLION_WHY])
{
	uint64_t wanted = stage->pass->connections + MILLION_WARMUP(stage->pass->connections);
	char line[300], end[64];
	uint64_t open, opened;

	million_stage_quote(stage->million, stage->pass->name, "pulse", line, sizeof(line));
	million_stage_count(stage, &open, &opened);
	if (child_exit_code(&stage->pulse))
		snprintf(why, MILLION_WHY, "pulse fell short (%s)%s",
			 child_describe(&stage->pulse, end, sizeof(end)), line);
	else if (find_burst(stage, burst))
		snprintf(why, MILLION_WHY, "%.400s has no burst", stage->phases_path);
	else if (opened != wanted)
		snprintf(why, MILLION_WHY,
			 "the server counted %" PRIu64 " connections, not %" PRIu64, opened,
			 wanted);
	else
		return 0;
	return 1;
}

void million_stage_clear(struct million_stage *stage)
{
	million_stop(stage->million, &stage->pulse, STOP_TIME);
	million_stop(stage->million, &stage->server, STOP_TIME);
	status_close(stage->status);
	stage->status = NULL;
}

int million_pass_check(const struct million *million, char why[MILLION_WHY])
{
	struct million_pass pass = { .name = "check", .connections = million->options.connections };
	struct million_stage stage = { .million = million, .pass = &pass };
	struct list command = { 0 };
	char program[PATH_MAX + 64], line[300];
	int error;

	snprintf(why, MILLION_WHY, "cannot start");
	snprintf(program, sizeof(program), "%s/pulse", million->programs);
	error = list_add(&command, program) || list_add(&command, "--check") ||
		add_schedule(&command, million, &pass, NS_PER_S);
	error = error ? -ENOMEM : start(&stage, &stage.pulse, &command, "pulse", why);
	list_free(&command);
	/* It never gets ready: it ends. */
	if (error == 1 && !child_exit_code(&stage.pulse))
		return 0;
	if (error >= 0) {
		million_stage_quote(million, "check", "pulse", line, sizeof(line));
		snprintf(why, MILLION_WHY, "%s", line[0] ? line + 2 : "pulse --check failed");
	}
	million_stop(million, &stage.pulse, STOP_TIME);
	return 1;
}
