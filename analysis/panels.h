/*
 * panels.h - which runs are drawn together: one panel for each release policy (and what else
 * differs), in it one run of each allocator, all panels with the same axes.
 */
#ifndef ANALYSIS_PANELS_H
#define ANALYSIS_PANELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/figure.h"
#include "analysis/summary.h"

#define PANEL_TITLE 576
#define PANEL_NAME  56
#define PANELS_MOST 8 /* a page of more is not read */

struct panel {
	char title[PANEL_TITLE]; /* "release quiet=1s" */
	char name[PANEL_NAME];	 /* "2-quiet-1s", for the names of files */
	const struct summary_row **rows;
	const struct run **runs; /* the first complete one of each row */
	size_t count;
	bool chosen; /* one of those that are drawn */
};

struct panels {
	struct panel *list;
	size_t count;
	size_t left_out; /* of more than PANELS_MOST */
	/* Seconds from the start of a run's first burst, and MiB: what all runs need. */
	double from, to, top;
	const char **allocators; /* each has its colour by its place here */
	size_t allocator_count;
};

/*
 * The summary must outlive the panels. Of more than PANELS_MOST those stay that have a row for
 * which preferred, by its place in the summary, is true; then those that come first. The very first
 * stays in any case: it has the control. Returns 0 or -ENOMEM.
 */
int panels_build(struct panels *panels, const struct summary *summary, const bool *preferred);

void panels_free(struct panels *panels);

/* Place of the run's allocator among all of them. */
size_t panels_colour(const struct panels *panels, const struct run *run);

/* The key of a figure with a line for each allocator. */
void panels_key(struct figure *figure, const struct panel *panel);

/* Seconds of the panels' axis. */
double panels_seconds(const struct run *run, uint64_t time);

#endif
