/*
 * grid.h - aligned columns of text: a line of groups, one of heads, one of units, then the rows.
 */
#ifndef ANALYSIS_GRID_H
#define ANALYSIS_GRID_H

#include <stdbool.h>
#include <stdio.h>

struct grid;

/* NULL: no memory. */
struct grid *grid_new(void);
void grid_free(struct grid *grid);

/* All columns come before the first cell. Neighbours of one group (not "") stand below its name. */
void grid_add_column(struct grid *grid, const char *group, const char *head, const char *unit,
		     bool left);

/* The next cell, row after row; the text is copied. */
void grid_add_cell(struct grid *grid, const char *text);

/* Lines without trailing blanks. Returns 0 or -ENOMEM, also when an addition had failed. */
int grid_print(struct grid *grid, FILE *file);

#endif
