/*
 * matrix.c - the cells of an experiment and their order. See matrix.h.
 */
#include "analysis/matrix.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/base/options.h"

static size_t length_of(char *const *list)
{
	size_t count = 0;

	while (list && list[count])
		count++;
	return count;
}

static void free_list(char **list)
{
	for (char **item = list; item && *item; item++)
		free(*item);
	free(list);
}

/* Returns 0, or -ENOMEM. */
static int append(char ***list, const char *item, size_t length)
{
	size_t count = length_of(*list);
	char **grown = reallocarray(*list, count + 2, sizeof(char *));

	if (!grown)
		return -ENOMEM;
	*list = grown;
	grown[count] = strndup(item, length);
	grown[count + 1] = NULL;
	return grown[count] ? 0 : -ENOMEM;
}

static int split(char ***list, const char *text)
{
	int error = 0;

	while (!error) {
		size_t length = strcspn(text, ",");

		if (!length)
			return -EINVAL;
		error = append(list, text, length);
		if (!text[length])
			break;
		text += length + 1;
	}
	return error;
}

static int find_servers(char ***list, const char *folder)
{
	char pattern[PATH_MAX];
	glob_t found;
	int error = 0;

	snprintf(pattern, sizeof(pattern), "%s/server-*", folder);
	if (glob(pattern, 0, NULL, &found))
		return -ENOENT;
	for (size_t i = 0; i < found.gl_pathc && !error; i++) {
		const char *name = strrchr(found.gl_pathv[i], '/') + strlen("/server-");

		if (!strpbrk(name, "@.") && !access(found.gl_pathv[i], X_OK))
			error = append(list, name, strlen(name));
	}
	globfree(&found);
	return error;
}

static int check_servers(char *const *wanted, const char *folder, char why[MATRIX_WHY])
{
	char **built = NULL;
	char path[PATH_MAX];
	const char *nearest;
	int error = find_servers(&built, folder);

	for (; !error && *wanted; wanted++) {
		snprintf(path, sizeof(path), "%s/server-%s", folder, *wanted);
		if (!access(path, X_OK))
			continue;
		nearest = options_nearest(*wanted, built, length_of(built), sizeof(char *));
		snprintf(why, MATRIX_WHY, "--allocators: there is no '%s'%s%s%s (looked for %s)",
			 *wanted, nearest ? "; did you mean " : "", nearest ? nearest : "",
			 nearest ? "?" : "; make builds one for each folder in allocators/", path);
		error = -EINVAL;
	}
	if (error == -ENOENT)
		snprintf(why, MATRIX_WHY, "no server-* programs in %s; run make", folder);
	free_list(built);
	return error;
}

/* xorshift64*, Vigna 2016: a few good bits from a seed, the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

static void shuffle(struct cell *cells, size_t count, uint64_t *state)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = (next_random(state) >> 11) % i;
		struct cell cell = cells[i - 1];

		cells[i - 1] = cells[other];
		cells[other] = cell;
	}
}

static int build_cells(struct matrix *matrix, uint64_t repeat, uint64_t seed)
{
	size_t releases = length_of(matrix->releases);
	size_t block = length_of(matrix->allocators) * releases;
	uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1; /* never 0 for small seeds */

	matrix->cells = calloc(block * repeat, sizeof(*matrix->cells));
	if (!matrix->cells)
		return -ENOMEM;
	matrix->count = block * repeat;
	for (uint64_t r = 0; r < repeat; r++) {
		struct cell *cells = matrix->cells + r * block;

		for (size_t i = 0; i < block; i++)
			cells[i] = (struct cell){ matrix->allocators[i / releases],
						  matrix->releases[i % releases], r + 1 };
		shuffle(cells, block, &state);
	}
	return 0;
}

static int add_control(struct matrix *matrix)
{
	for (char **release = matrix->releases; *release; release++)
		if (!strcmp(*release, "native"))
			return 0;
	matrix->control_added = true;
	return append(&matrix->releases, "native", strlen("native"));
}

int matrix_build(struct matrix *matrix, const char *folder, const char *allocators,
		 const char *releases, uint64_t repeat, uint64_t seed, char why[MATRIX_WHY])
{
	int error;

	memset(matrix, 0, sizeof(*matrix));
	snprintf(why, MATRIX_WHY, "no memory for the matrix");
	error = allocators ? split(&matrix->allocators, allocators)
			   : find_servers(&matrix->allocators, folder);
	if (error == -EINVAL)
		snprintf(why, MATRIX_WHY, "--allocators '%s': an empty name in the list",
			 allocators);
	if (error == -ENOENT || (!error && !matrix->allocators)) {
		snprintf(why, MATRIX_WHY, "no server-* programs in %s; run make", folder);
		error = -ENOENT;
	}
	if (!error)
		error = check_servers(matrix->allocators, folder, why);
	if (!error && (error = split(&matrix->releases, releases)) == -EINVAL)
		snprintf(why, MATRIX_WHY, "--release '%s': an empty name in the list", releases);
	if (!error)
		error = add_control(matrix);
	if (!error)
		error = build_cells(matrix, repeat, seed);
	if (error)
		matrix_free(matrix);
	return error;
}

void matrix_free(struct matrix *matrix)
{
	free_list(matrix->allocators);
	free_list(matrix->releases);
	free(matrix->cells);
	memset(matrix, 0, sizeof(*matrix));
}
