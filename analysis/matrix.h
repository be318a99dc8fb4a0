/*
 * matrix.h - the cells of an experiment and the order in which they run.
 *
 * Every value of every factor with every other, as far as they go together, each so many times, in
 * blocks that hold each cell once, shuffled: a slow drift of the machine then meets all cells
 * alike.
 */
#ifndef ANALYSIS_MATRIX_H
#define ANALYSIS_MATRIX_H

#include "analysis/cell.h"
#include "analysis/list.h"
#include "analysis/options.h"

struct matrix {
	/* Canonical, in the order in which they were given; tunes with their restriction. */
	struct list values[CELL_FACTORS];
	bool control_added[CELL_FACTORS];
	struct list commands;  /* of servers that are not ours: the last ones of the allocators */
	struct list libraries; /* to preload, for the first of the allocators; "": none */
	struct list strings;   /* what else the cells point to */
	struct cell *cells;    /* in the order of running */
	size_t count;
};

#define MATRIX_WHY OPTIONS_WHY

/*
 * From the lists, servers, repeat and seed of options. Without --allocators: all "server-NAME"
 * programs in folder but labelled builds, which are named NAME@LABEL. Returns 0, or -errno with a
 * line in why, and then there is nothing to free.
 */
int matrix_build(struct matrix *matrix, const char *folder, const struct run_options *options,
		 char why[MATRIX_WHY]);

/* The cells in the order of running, for experiment.json. NULL without memory. */
json_t *matrix_order(const struct matrix *matrix);

/* The cells as matrix_order() wrote them. Returns 0, or -EINVAL or -ENOMEM with nothing to free. */
int matrix_from_order(struct matrix *matrix, const json_t *order);

void matrix_free(struct matrix *matrix);

#endif
