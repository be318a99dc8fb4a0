/*
 * cpu_figure.h - one run as a figure: who used the CPU, stacked, with the memory held and the
 * connections that were planned, time on a logarithmic axis.
 */
#ifndef ANALYSIS_CPU_FIGURE_H
#define ANALYSIS_CPU_FIGURE_H

#include <stdio.h>

#include "analysis/figure.h"
#include "analysis/panels.h"
#include "analysis/ramp.h"
#include "analysis/strands.h"

/* Which runs are drawn, all on the same axes. */
struct cpu_plots {
	struct strands list[PANELS_MOST];
	struct ramp ramps[PANELS_MOST]; /* of each one */
	const struct panel *panels[PANELS_MOST];
	size_t count;
	size_t left_out;    /* with a record, of more than PANELS_MOST */
	double top;	    /* percent of one CPU */
	double connections; /* the most that were planned in any */
};

/* The panels must outlive the plots, which are to be freed in any case. Returns 0 or -ENOMEM. */
int cpu_plots_build(struct cpu_plots *plots, const struct panels *panels);

void cpu_plots_free(struct cpu_plots *plots);

/* Writes the script and fills the figure. Returns 0 or -ENOMEM. */
int cpu_figure_draw(FILE *script, struct figure *figure, const struct cpu_plots *plots, size_t i,
		    const struct panels *panels);

#endif
