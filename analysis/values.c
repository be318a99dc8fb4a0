/*
 * values.c - the lists of an experiment's factors. See values.h.
 */
#include "analysis/values.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/foreign.h"
#include "analysis/preload.h"

static int find_servers(struct list *list, const char *folder, char why[MATRIX_WHY])
{
	char pattern[PATH_MAX];
	glob_t found;
	int error = 0;

	snprintf(pattern, sizeof(pattern), "%s/server-*", folder);
	if (!glob(pattern, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc && !error; i++) {
			const char *name = strrchr(found.gl_pathv[i], '/') + strlen("/server-");

			if (!strpbrk(name, "@.") && !preload_is(name) &&
			    !access(found.gl_pathv[i], X_OK))
				error = list_add(list, name);
		}
	}
	globfree(&found);
	if (error || list->count)
		return error;
	snprintf(why, MATRIX_WHY, "no server-* programs in %s; run make", folder);
	return -ENOENT;
}

static int check_servers(const struct list *wanted, const char *folder, char why[MATRIX_WHY])
{
	struct list built = { 0 };
	char path[PATH_MAX];
	const char *nearest;
	int error = find_servers(&built, folder, why);

	for (size_t i = 0; !error && i < wanted->count; i++) {
		snprintf(path, sizeof(path), "%s/server-%.*s", folder,
			 (int)strcspn(wanted->items[i], ":"), wanted->items[i]);
		if (!access(path, X_OK))
			continue;
		nearest = options_nearest(wanted->items[i], built.items, built.count,
					  sizeof(char *));
		snprintf(why, MATRIX_WHY, "--allocators: there is no '%s'%s%s%s (looked for %s)",
			 wanted->items[i], nearest ? "; did you mean " : "", nearest ? nearest : "",
			 nearest ? "?" : "; make builds one for each folder in allocators/", path);
		error = -EINVAL;
	}
	list_free(&built);
	return error;
}

/* Adds the canonical form of one value. */
static int add_value(struct list *list, enum cell_factor factor, const char *value,
		     char why[MATRIX_WHY])
{
	const char *option = cell_row(factor)->option;
	const char *expects = NULL;
	char *canonical = cell_canonical(factor, value, &expects);
	int error = -EINVAL;

	if (!canonical && !expects)
		return -ENOMEM;
	if (!canonical)
		snprintf(why, MATRIX_WHY, "--%s: '%s' is not %s", option, value, expects);
	else if (list_find(list, canonical))
		snprintf(why, MATRIX_WHY, "--%s: '%s' stands there twice; give it once", option,
			 value);
	else
		error = list_add(list, canonical);
	free(canonical);
	return error;
}

/* Splits what one occurrence of the option gave, and adds the parts. */
static int add_values(struct list *list, enum cell_factor factor, const char *given,
		      char why[MATRIX_WHY])
{
	struct list parts = { 0 };
	int error = cell_row(factor)->whole ? list_add(&parts, given) : list_split(&parts, given);

	if (error == -EINVAL)
		snprintf(why, MATRIX_WHY, "--%s '%s': an empty name in the list",
			 cell_row(factor)->option, given);
	for (size_t i = 0; i < parts.count && !error; i++)
		error = add_value(list, factor, parts.items[i], why);
	list_free(&parts);
	return error;
}

static int read_factor(struct matrix *matrix, enum cell_factor factor, const struct words *given,
		       char why[MATRIX_WHY])
{
	const struct cell_row *row = cell_row(factor);
	struct list *list = &matrix->values[factor];
	int error = 0;

	for (size_t i = 0; i < given->count && !error; i++)
		error = add_values(list, factor, given->items[i], why);
	if (error || !row->standard || (list->count && !row->control) ||
	    list_find(list, row->standard))
		return error;
	matrix->control_added[factor] = list->count > 0;
	return list_add(list, row->standard);
}

/* Puts the file of a library aside, and its short name in the place of the word. */
static int take_library(struct matrix *matrix, struct list *names, const char *word,
			char why[MATRIX_WHY])
{
	char name[PRELOAD_NAME], path[PATH_MAX] = "";
	const char *short_name = word;
	int error = 0;

	if (preload_is(word)) {
		error = preload_parse(word, name, path, why);
		short_name = name;
	}
	if (!error && list_find(names, short_name)) {
		snprintf(why, MATRIX_WHY,
			 "--allocators: '%.200s' stands there twice; give it once%s", short_name,
			 *path ? ", or another library a name: " PRELOAD ":NAME=FILE" : "");
		error = -EINVAL;
	}
	if (!error)
		error = list_add(names, short_name);
	return error ? error : list_add(&matrix->libraries, path);
}

/* The list as it was given, with libraries to preload among its words. */
static int read_words(struct matrix *matrix, const struct words *given, char why[MATRIX_WHY])
{
	struct list parts = { 0 };
	int error = 0;

	for (size_t i = 0; i < given->count && !error; i++) {
		error = list_split(&parts, given->items[i]);
		if (error == -EINVAL)
			snprintf(why, MATRIX_WHY, "--allocators '%s': an empty name in the list",
				 given->items[i]);
	}
	for (size_t i = 0; i < parts.count && !error; i++)
		error = take_library(matrix, &matrix->values[CELL_ALLOCATOR], parts.items[i], why);
	list_free(&parts);
	return error;
}

static int read_allocators(struct matrix *matrix, const char *folder,
			   const struct run_options *options, char why[MATRIX_WHY])
{
	const struct words *given = &options->lists[CELL_ALLOCATOR];
	struct list *list = &matrix->values[CELL_ALLOCATOR];
	int error;

	if (!given->count)
		return find_servers(list, folder, why);
	/* Only servers that are not ours. */
	if (given->count == 1 && !strcmp(given->items[0], "none") && options->servers.count)
		return 0;
	error = read_words(matrix, given, why);
	return error ? error : check_servers(list, folder, why);
}

static int read_foreign(struct matrix *matrix, const char *text, char why[MATRIX_WHY])
{
	struct list *names = &matrix->values[CELL_ALLOCATOR];
	char name[FOREIGN_NAME];
	const char *command;
	int error = foreign_parse(text, name, &command, why);

	if (error)
		return error;
	if (list_find(names, name)) {
		snprintf(why, MATRIX_WHY,
			 "--server: there is a column '%s' already; name this one: --server "
			 "'OTHER=%.200s'",
			 name, command);
		return -EINVAL;
	}
	error = list_add(names, name);
	return error ? error : list_add(&matrix->commands, command);
}

int values_read(struct matrix *matrix, const char *folder, const struct run_options *options,
		char why[MATRIX_WHY])
{
	int error = read_allocators(matrix, folder, options, why);

	for (size_t i = 0; i < options->servers.count && !error; i++)
		error = read_foreign(matrix, options->servers.items[i], why);
	for (int i = CELL_ALLOCATOR + 1; i < CELL_FACTORS && !error; i++)
		error = read_factor(matrix, (enum cell_factor)i, &options->lists[i], why);
	return error;
}
