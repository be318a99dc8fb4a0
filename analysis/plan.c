/*
 * plan.c - experiment.json. See plan.h.
 */
#include "analysis/plan.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "analysis/document.h"
#include "analysis/environment.h"
#include "server/base/clock.h"

static json_t *list_words(char *const *words)
{
	json_t *array = json_array();

	for (; words && *words; words++)
		json_array_append_new(array, json_string(*words));
	return array;
}

/* The values of each factor, as they were given. */
static void add_lists(json_t *plan, const struct matrix *matrix)
{
	for (int i = 0; i < CELL_FACTORS; i++)
		json_object_set_new(plan, cell_row((enum cell_factor)i)->list,
				    list_words(matrix->values[i].items));
	json_object_set_new(plan, "servers", list_words(matrix->commands.items));
}

json_t *plan_new(char *const *argv, const struct run_options *options, const struct matrix *matrix)
{
	json_t *plan = document_new("experiment");
	json_t *environment = environment_describe();

	if (!plan || !environment) {
		json_decref(plan);
		json_decref(environment);
		return NULL;
	}
	json_object_set_new(environment, "revision", json_string(TIDEMARK_REVISION));
	json_object_set_new(environment, "first_touch_before_ns",
			    json_integer((json_int_t)environment_first_touch()));
	json_object_set_new(plan, "command", list_words(argv));
	json_object_set_new(plan, "label", json_string(options->label));
	json_object_set_new(plan, "seed", json_integer((json_int_t)options->seed));
	json_object_set_new(plan, "repeat", json_integer((json_int_t)options->repeat));
	add_lists(plan, matrix);
	json_object_set_new(plan, "pulse", list_words(options->pulse));
	json_object_set_new(plan, "order", matrix_order(matrix));
	json_object_set_new(plan, "environment", environment);
	json_object_set_new(plan, "sessions", json_array());
	return plan;
}

json_t *plan_load(const char *directory, char why[PLAN_WHY])
{
	char path[PATH_MAX];
	json_error_t error;
	json_t *plan;

	snprintf(path, sizeof(path), "%s/experiment.json", directory);
	plan = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (plan && json_is_array(json_object_get(plan, "sessions")) &&
	    json_is_object(json_object_get(plan, "environment")) &&
	    json_is_array(json_object_get(plan, "order")))
		return plan;
	snprintf(why, PLAN_WHY, "--resume %.200s: %.200s", directory,
		 plan ? "its experiment.json is not one that can be resumed" : error.text);
	json_decref(plan);
	return NULL;
}

int plan_options(const json_t *plan, struct run_options *options, char ***argv, char why[PLAN_WHY])
{
	const json_t *command = json_object_get(plan, "command");
	size_t count = json_array_size(command);

	snprintf(why, PLAN_WHY, "the command in experiment.json is damaged");
	*argv = calloc(count + 1, sizeof(char *));
	if (!*argv)
		return -ENOMEM;
	/* Nobody writes to the words of a command line. */
	for (size_t i = 0; i < count; i++)
		(*argv)[i] = (char *)json_string_value(json_array_get(command, i));
	for (size_t i = 0; i < count; i++)
		if (!(*argv)[i])
			count = 0;
	return count ? run_options_parse(options, (int)count, *argv, why) : -EINVAL;
}

static void note(json_t *session, const json_t *first, const char *key, char differs[PLAN_WHY])
{
	const char *now = json_string_value(json_object_get(session, key));
	const char *then = json_string_value(json_object_get(first, key));
	size_t used = strlen(differs);

	if (!now || !then || !strcmp(now, then))
		return;
	if (!strcmp(key, "boot_id"))
		snprintf(differs + used, PLAN_WHY - used, "%sthe machine was started anew",
			 used ? ", " : "");
	else
		snprintf(differs + used, PLAN_WHY - used, "%s%s %s (was %s)", used ? ", " : "", key,
			 now, then);
}

int plan_add_session(json_t *plan, size_t done, char differs[PLAN_WHY])
{
	json_t *sessions = json_object_get(plan, "sessions");
	struct utsname system;
	struct clock_stamp stamp;
	json_t *session;

	clock_stamp(&stamp);
	uname(&system);
	session = json_pack("{s:s, s:I, s:I, s:s, s:s, s:I}", "boot_id", stamp.boot_id,
			    "monotonic_ns", (json_int_t)stamp.monotonic, "realtime_ns",
			    (json_int_t)stamp.realtime, "kernel", system.release, "revision",
			    TIDEMARK_REVISION, "runs_before", (json_int_t)done);
	differs[0] = '\0';
	if (!session)
		return -ENOMEM;
	if (json_array_size(sessions)) {
		note(session, json_array_get(sessions, 0), "boot_id", differs);
		note(session, json_array_get(sessions, 0), "kernel", differs);
		note(session, json_array_get(sessions, 0), "revision", differs);
	}
	if (differs[0])
		json_object_set_new(session, "warning", json_string(differs));
	return json_array_append_new(sessions, session) ? -ENOMEM : 0;
}

#define AFTER "first_touch_after_ns"

void plan_finish(json_t *plan)
{
	json_object_set_new(json_object_get(plan, "environment"), AFTER,
			    json_integer((json_int_t)environment_first_touch()));
}

bool plan_is_finished(const json_t *plan)
{
	return json_object_get(json_object_get(plan, "environment"), AFTER) != NULL;
}
