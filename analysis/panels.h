/*
 * panels.h - which runs are drawn together: one panel for each release policy (and what else
 * differs), in it one run of each allocator, all panels with the same axes.
 */
#ifndef ANALYSIS_PANELS_H
#define ANALYSIS_PANELS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/summary.h"

#define PANEL_TITLE 576
#define PANEL_FILE  64

struct panel {
	char title[PANEL_TITLE]; /* "release quiet=1s" */
	char file[PANEL_FILE];	 /* "held-2-quiet-1s.svg" */
	const struct run **runs; /* the first complete one of each row */
	size_t count;
};

struct panels {
	struct panel *list;
	size_t count;
	/* Seconds from the start of a run's first burst, and MiB: what all runs need. */
	double from, to, top;
	const char **allocators; /* each has its colour by its place here */
	size_t allocator_count;
};

/* The summary must outlive the panels. Returns 0 or -ENOMEM. */
int panels_build(struct panels *panels, const struct summary *summary);

void panels_free(struct panels *panels);

/* Place of the run's allocator among all of them. */
size_t panels_colour(const struct panels *panels, const struct run *run);

/* Seconds of the panels' axis. */
double panels_seconds(const struct run *run, uint64_t time);

#endif
