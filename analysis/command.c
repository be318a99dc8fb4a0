/*
 * command.c - how the programs of a run are called. See command.h.
 */
#include "analysis/command.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "analysis/child.h"
#include "server/base/units.h"

/* The probe is started before pulse and stopped after it. */
#define PROBE_EXTRA (60 * NS_PER_S)

static int add_program(struct list *command, const struct run_context *context, const char *kind,
		       const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s%s", context->programs, kind, name);
	return list_add(command, path);
}

static int add_option(struct list *command, const char *name, const char *value)
{
	int error = list_add(command, name);

	return error ? error : list_add(command, value);
}

static int add_number(struct list *command, const char *name, uint64_t number, const char *unit)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 "%s", number, unit);
	return add_option(command, name, text);
}

/* An option once for each of the words between commas. */
static int add_words(struct list *command, const char *name, const char *value)
{
	struct list words = { 0 };
	int error = *value ? list_split(&words, value) : 0;

	for (size_t i = 0; i < words.count && !error; i++)
		error = add_option(command, name, words.items[i]);
	list_free(&words);
	return error;
}

static int add_server(struct list *command, const struct run_context *context,
		      const struct cell *cell)
{
	const char *allocator = cell->values[CELL_ALLOCATOR];
	char name[CELL_NAME];
	int error;

	/* Of "preload:libx.so" the program is server-preload. */
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(allocator, ":"), allocator);
	error = add_program(command, context, "server-", name);

	for (int i = 0; i < CELL_FACTORS && !error; i++) {
		const struct cell_row *row = cell_row((enum cell_factor)i);

		if (!row->server ||
		    (i == CELL_WORKERS && !cell_has_workers(cell->values[CELL_ARCH])))
			continue;
		error = row->kind == CELL_WORDS ? add_words(command, row->server, cell->values[i])
						: add_option(command, row->server, cell->values[i]);
	}
	return error;
}

int command_server(struct list *command, const struct run_context *context, const struct cell *cell,
		   const char *status)
{
	int error = add_server(command, context, cell);

	if (!error)
		error = add_option(command, "--listen", "127.0.0.1:0");
	if (!error)
		error = add_option(command, "--status", status);
	return error ? error : add_option(command, "--ready-fd", CHILD_READY_FD);
}

int command_server_check(struct list *command, const struct run_context *context,
			 const struct cell *cell)
{
	int error = add_server(command, context, cell);

	if (!error)
		error = list_add(command, "--check");
	return error ? error : add_option(command, "--ready-fd", CHILD_READY_FD);
}

int command_probe(struct list *command, const struct run_context *context, const char *status,
		  pid_t pid, const char *folder)
{
	uint64_t duration = context->options->time_limit + PROBE_EXTRA;
	int error = add_program(command, context, "", "probe");

	if (!error)
		error = status ? add_option(command, "--status", status)
			       : add_number(command, "--pid", (uint64_t)pid, "");
	if (!error)
		error = add_option(command, "--record", folder);
	if (!error)
		error = add_number(command, "--duration", duration / NS_PER_MS, "ms");
	return error ? error : add_option(command, "--ready-fd", CHILD_READY_FD);
}

/* What the user put behind "--" comes after our defaults, and so prevails; factors come last. */
static int add_schedule(struct list *command, const struct run_context *context,
			const struct cell *cell)
{
	const struct run_options *options = context->options;
	int error = add_option(command, "--trickles", "2");

	/* Said, so that run.json has the plan (ramp.c) and none hangs on pulse's own default. */
	if (!error)
		error = add_option(command, "--linger", "4s");
	for (char *const *word = options->pulse; *word && !error; word++)
		error = list_add(command, *word);
	if (!error)
		error = add_number(command, "--seed", options->seed, "");
	if (!error)
		error = add_number(command, "--warmup", options->warmup, "");
	for (int i = 0; i < CELL_FACTORS && !error; i++)
		if (cell_row((enum cell_factor)i)->pulse)
			error = add_option(command, cell_row((enum cell_factor)i)->pulse,
					   cell->values[i]);
	if (!error && !strcmp(cell->values[CELL_TRICKLE], "off"))
		error = add_option(command, "--trickle", "0");
	return error;
}

int command_pulse(struct list *command, const struct run_context *context, const struct cell *cell,
		  const char *address, const char *phases, const char *traffic)
{
	int error = add_program(command, context, "", "pulse");

	if (!error)
		error = add_option(command, "--connect", address);
	if (!error)
		error = add_option(command, "--record", phases);
	if (!error && strcmp(cell->values[CELL_PROTOCOL], "idle") != 0)
		error = add_option(command, "--traffic", traffic);
	if (!error)
		error = add_option(command, "--ready-fd", CHILD_READY_FD);
	return error ? error : add_schedule(command, context, cell);
}

int command_pulse_outline(struct list *command, const struct run_context *context,
			  const struct cell *cell)
{
	int error = add_program(command, context, "", "pulse");

	if (!error)
		error = list_add(command, "--dry-run");
	return error ? error : add_schedule(command, context, cell);
}
