/*
 * matrix.h - the cells of an experiment and the order in which they run.
 *
 * Every allocator with every release policy, each so many times, in blocks that hold each cell
 * once, shuffled: a slow drift of the machine then meets all cells alike.
 */
#ifndef ANALYSIS_MATRIX_H
#define ANALYSIS_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cell {
	const char *allocator;
	const char *release;
	uint64_t repeat; /* from 1 */
};

struct matrix {
	char **allocators; /* NULL-terminated */
	char **releases;   /* NULL-terminated */
	bool control_added;
	struct cell *cells; /* in the order of running */
	size_t count;
};

#define MATRIX_WHY 512

/*
 * allocators: a comma-separated list, or NULL for all "server-NAME" programs in folder (without
 * labelled builds, which are named NAME@LABEL). Returns 0, or -errno with a line in why.
 */
int matrix_build(struct matrix *matrix, const char *folder, const char *allocators,
		 const char *releases, uint64_t repeat, uint64_t seed, char why[MATRIX_WHY]);

void matrix_free(struct matrix *matrix);

#endif
