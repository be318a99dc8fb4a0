/*
 * verdict.c - did a run do its work? See verdict.h.
 */
#include "analysis/verdict.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/document.h"
#include "server/base/record.h"

/* Connections that pulse had established, over all its phases. */
static int count_connected(const struct cast *cast, uint64_t *connected)
{
	struct phase *phases = NULL;
	void *rows;
	size_t count, line;
	int error = record_load(&record_phases, cast->phases_path, &rows, &count, &line);

	*connected = 0;
	phases = rows;
	for (size_t i = 0; i < count; i++)
		*connected += phases[i].connected;
	free(rows);
	return error;
}

static int judge_program(const struct child *child, const char *name, char why[RUN_WHY])
{
	char end[64];

	if (!child_exit_code(child))
		return 0;
	snprintf(why, RUN_WHY, "%s ended with %s; see %s.log", name,
		 child_describe(child, end, sizeof(end)), name);
	return 1;
}

/* ": Too many open files at 991 open ones; raise it with ulimit -n", as the server says it once. */
static void quote_shedding(const struct cast *cast, char *text, size_t room)
{
	static const char said[] = "shedding a connection";
	char path[PATH_MAX + 16], line[256];
	const char *cause = NULL;
	FILE *file;

	snprintf(path, sizeof(path), "%s/server.log", cast->folder);
	file = fopen(path, "re");
	while (file && !cause && fgets(line, sizeof(line), file))
		cause = strstr(line, said);
	if (cause)
		snprintf(text, room, "%.*s", (int)strcspn(cause + strlen(said), "(\n"),
			 cause + strlen(said));
	else
		snprintf(text, room, "; see server.log");
	if (file)
		fclose(file);
}

/* What a server that is not ours sheds, nobody counts for us. */
static int judge_shedding(const struct cast *cast, char why[RUN_WHY])
{
	struct status_slot total;
	char cause[256];
	size_t length;

	if (!cast->status || status_read(cast->status, &total) || !total.shed)
		return 0;
	quote_shedding(cast, cause, sizeof(cause));
	for (length = strlen(cause); length && cause[length - 1] == ' '; length--)
		cause[length - 1] = '\0';
	snprintf(why, RUN_WHY, "the server shed %" PRIu64 " connections%s", total.shed, cause);
	return 1;
}

static int judge_connections(const struct cast *cast, char why[RUN_WHY])
{
	struct status_slot total;
	uint64_t connected;

	if (count_connected(cast, &connected)) {
		snprintf(why, RUN_WHY, "pulse left no whole phases.csv");
		return 1;
	}
	/* A server that is not ours does not count for us. */
	if (!cast->status)
		return 0;
	if (status_read(cast->status, &total)) {
		snprintf(why, RUN_WHY, "the status page was left half written");
		return 1;
	}
	/* The server may count more: a connection that pulse gave up may still have come. */
	if (total.opened < connected) {
		snprintf(why, RUN_WHY,
			 "pulse established %" PRIu64 " connections, the server saw %" PRIu64,
			 connected, total.opened);
		return 1;
	}
	return 0;
}

int verdict_on_limit(const struct cast *cast, char why[RUN_WHY])
{
	if (!cast->limited || !cgroup_kills(&cast->cgroup))
		return 0;
	snprintf(why, RUN_WHY, "the kernel killed the server at its --memory-limit");
	return 1;
}

int verdict_on_early_end(struct cast *cast, char why[RUN_WHY])
{
	char end[64];

	if (verdict_on_limit(cast, why))
		return 1;
	if (child_ended(&cast->server) && !child_exit_code(&cast->server)) {
		snprintf(why, RUN_WHY, "server ended by itself in the middle of the run (%s)",
			 child_describe(&cast->server, end, sizeof(end)));
		return 1;
	}
	return 0;
}

int verdict_of(struct cast *cast, char why[RUN_WHY])
{
	/* A server's death, and what it shed, explain what pulse then says. */
	if (verdict_on_limit(cast, why) || judge_program(&cast->server, "server", why) ||
	    judge_program(&cast->probe, "probe", why) || judge_shedding(cast, why) ||
	    judge_program(&cast->pulse, "pulse", why))
		return 1;
	return judge_connections(cast, why);
}

static json_t *describe_command(const struct list *command)
{
	json_t *words = json_array();

	for (size_t i = 0; i < command->count; i++)
		json_array_append_new(words, json_string(command->items[i]));
	return words;
}

static json_t *describe_program(const struct list *command, const struct child *child)
{
	return json_pack("{s:o, s:i}", "command", describe_command(command), "exit",
			 child_exit_code(child));
}

/* The lines "key=value" of the status page. */
static void add_about(json_t *object, const char *about)
{
	json_t *tunes = json_array();

	while (*about) {
		size_t length = strcspn(about, "\n");
		const char *equals = memchr(about, '=', length);
		char key[64];

		if (equals && (size_t)(equals - about) < sizeof(key)) {
			json_t *value = json_stringn(equals + 1,
						     length - (size_t)(equals + 1 - about));

			snprintf(key, sizeof(key), "%.*s", (int)(equals - about), about);
			if (!strcmp(key, "tune"))
				json_array_append_new(tunes, value);
			else
				json_object_set_new(object, key, value);
		}
		about += length + (about[length] == '\n');
	}
	json_object_set_new(object, "tune", tunes);
}

static json_t *describe_server(const struct cast *cast)
{
	json_t *server = describe_program(&cast->server_command, &cast->server);

	json_object_set_new(server, "pid", json_integer(cast->server_pid));
	if (cast->library)
		json_object_set_new(server, "library", json_string(cast->library));
	if (cast->variables)
		json_object_set(server, "environment", cast->variables);
	if (cast->status)
		add_about(server, status_about(cast->status));
	return server;
}

int verdict_write(const struct cast *cast, const struct cell *cell, const char *void_reason)
{
	json_t *run = document_new("run");
	char path[PATH_MAX + 16];

	if (!run || cell_to_json(cell, run)) {
		json_decref(run);
		return -ENOMEM;
	}
	json_object_set_new(run, "verdict", json_string(void_reason ? "void" : "complete"));
	json_object_set_new(run, "reason", json_string(void_reason ? void_reason : ""));
	json_object_set_new(run, "server", describe_server(cast));
	json_object_set_new(run, "probe", describe_program(&cast->probe_command, &cast->probe));
	json_object_set_new(run, "pulse", describe_program(&cast->pulse_command, &cast->pulse));
	snprintf(path, sizeof(path), "%s/run.json", cast->folder);
	return document_write(run, path);
}
