/*
 * million_bare.c - the same number with the bare pair. See million_bare.h and tests/peers/dial.c.
 */
#include "analysis/million_bare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis/child.h"
#include "analysis/environment.h"
#include "analysis/million_memory.h"
#include "analysis/million_stage.h"
#include "analysis/million_warm.h"
#include "server/base/clock.h"
#include "server/base/units.h"

#define LOOK_MS	  20
#define PORT_TIME (10 * NS_PER_S)
#define STOP_TIME (20 * NS_PER_S)

struct pair {
	struct million_bare *bare;
	const struct million *million;
	struct million_warm warm;
	struct child accept, dial;
	char accept_out[PATH_MAX + 64], dial_out[PATH_MAX + 64];
	uint64_t sockets; /* in use before */
	char *why;
};

static int start(const struct pair *pair, struct child *child, const char *program, char *out,
		 const uint64_t numbers[4], int count)
{
	char path[PATH_MAX + 64], log[PATH_MAX + 64], words[4][24];
	const char *command[6] = { path };
	struct child_files files = { .out = out, .log = log };
	const struct million *million = pair->million;
	int error;

	snprintf(path, sizeof(path), "%s/%s", million->options.peers, program);
	snprintf(out, PATH_MAX + 64, "%s/%s-%s.txt", million->directory, pair->bare->name, program);
	snprintf(log, sizeof(log), "%s/%s-%s.log", million->directory, pair->bare->name, program);
	for (int i = 0; i < count; i++) {
		snprintf(words[i], sizeof(words[i]), "%" PRIu64, numbers[i]);
		command[i + 1] = words[i];
	}
	error = child_start(child, command, &files);
	if (error)
		snprintf(pair->why, MILLION_WHY, "cannot start %s of the bare pair: %s", program,
			 strerror(-error));
	return error;
}

/* The number behind that word and the next one in a program's output, or -1. */
static double read_result(const char *path, const char *format)
{
	FILE *file = fopen(path, "re");
	double number = -1;
	char line[128];

	while (file && number < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, format, &number) != 1)
			number = -1;
	if (file)
		fclose(file);
	return number;
}

static int start_accept(struct pair *pair, uint64_t *port)
{
	const struct million_plan *plan = &pair->million->plan;
	uint64_t numbers[] = { pair->million->options.connections, 0, plan->workers, 0 };
	uint64_t until = clock_now() + PORT_TIME;
	double read;
	int error = start(pair, &pair->accept, "accept", pair->accept_out, numbers, 3);

	do {
		error = error ? error : million_wait(pair->million, LOOK_MS);
		read = read_result(pair->accept_out, "%lf");
	} while (!error && read < 0 && !child_ended(&pair->accept) && clock_now() < until);
	*port = read > 0 ? (uint64_t)read : 0;
	if (error || *port)
		return error;
	snprintf(pair->why, MILLION_WHY, "%s/accept did not start; see its log in %.300s",
		 pair->million->options.peers, pair->million->directory);
	return 1;
}

/* Pairs that are there by now: others may have closed theirs meanwhile. */
static uint64_t count_pairs(const struct pair *pair)
{
	uint64_t sockets = million_memory_sockets();

	return sockets > pair->sockets ? (sockets - pair->sockets) / 2 : 0;
}

/* 1, with a line in why, when that program has failed. */
static int judge(const struct pair *pair, struct child *child, const char *program)
{
	char line[300], end[64];

	if (!child_ended(child) || !child_exit_code(child))
		return 0;
	million_stage_quote(pair->million, pair->bare->name, program, line, sizeof(line));
	snprintf(pair->why, MILLION_WHY, "the bare pair: %s fell short (%s)%s", program,
		 child_describe(child, end, sizeof(end)), line);
	return 1;
}

/* Is there still memory, and are both at work? dial ends by itself; accept behind it. */
static int watch(struct pair *pair)
{
	const struct million *million = pair->million;
	int error = 0;

	while (!error && !(child_ended(&pair->dial) && child_ended(&pair->accept))) {
		million_warm_give(&pair->warm, count_pairs(pair) * MILLION_PAIR);
		error = million_wait(million, LOOK_MS);
		if (!error && million_memory_available() < million->options.memory_floor) {
			snprintf(pair->why, MILLION_WHY,
				 "the bare pair: less memory than --memory-floor was available");
			error = 1;
		}
		if (!error)
			error = judge(pair, &pair->dial, "dial");
		if (!error)
			error = judge(pair, &pair->accept, "accept");
	}
	return error;
}

static int run(struct pair *pair)
{
	const struct million *million = pair->million;
	const struct million_plan *plan = &million->plan;
	uint64_t numbers[] = { million->options.connections, 0, plan->callers, plan->sources };
	int error = start_accept(pair, &numbers[1]);

	if (!error && pair->bare->warm)
		error = million_warm_take(&pair->warm, million, pair->bare->warm, UINT64_MAX);
	pair->bare->warmed = pair->warm.held;
	pair->sockets = million_memory_sockets();
	if (!error)
		error = start(pair, &pair->dial, "dial", pair->dial_out, numbers, 4);
	if (!error)
		error = watch(pair);
	if (error)
		return error;
	pair->bare->establish = read_result(pair->dial_out, "connected %*d %lf");
	if (pair->bare->establish > 0)
		return 0;
	snprintf(pair->why, MILLION_WHY, "the bare pair: dial said nothing");
	return 1;
}

int million_bare_run(struct million_bare *bare, const struct million *million,
		     char why[MILLION_WHY])
{
	struct pair pair = { .bare = bare, .million = million, .why = why };
	int error;

	pair.accept = pair.dial = (struct child){ .pidfd = -1, .ready = -1 };
	snprintf(why, MILLION_WHY, "cannot start the bare pair");
	bare->touch = environment_first_touch();
	error = run(&pair);
	million_warm_free(&pair.warm);
	million_stop(million, &pair.dial, STOP_TIME);
	million_stop(million, &pair.accept, STOP_TIME);
	return error;
}
