/*
 * variables.c - the environment variables that change how a server's memory behaves. See
 * variables.h.
 */
#include "analysis/variables.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const beginnings[] = {
	"MALLOC_",	  "MIMALLOC_", "TCMALLOC_",  "JE_MALLOC_",
	"GLIBC_TUNABLES", "SCUDO_",    "TBB_MALLOC", "LD_PRELOAD",
};

static bool is_wanted(const char *variable)
{
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (!strncmp(variable, beginnings[i], strlen(beginnings[i])))
			return true;
	return false;
}

json_t *variables_read(pid_t pid)
{
	json_t *object = json_object();
	char path[64], *variable = NULL;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	file = fopen(path, "re");
	while (file && getdelim(&variable, &room, '\0', file) > 0) {
		char *equals = strchr(variable, '=');

		if (!equals || !is_wanted(variable))
			continue;
		*equals = '\0';
		json_object_set_new(object, variable, json_string(equals + 1));
	}
	free(variable);
	if (file)
		fclose(file);
	if (json_object_size(object))
		return object;
	json_decref(object);
	return NULL;
}
