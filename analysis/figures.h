/*
 * figures.h - all figures of a report: which there are, and drawing them, as SVG for the page and
 * as PDF for papers, by one gnuplot.
 */
#ifndef ANALYSIS_FIGURES_H
#define ANALYSIS_FIGURES_H

#include "analysis/bars.h"
#include "analysis/cpu_figure.h"
#include "analysis/figure.h"
#include "analysis/gnuplot.h"
#include "analysis/held.h"
#include "analysis/panels.h"
#include "analysis/ratchet.h"
#include "analysis/retention.h"
#include "analysis/summary.h"
#include "analysis/tradeoff.h"

enum figure_group {
	FIGURES_HELD,
	FIGURES_RETENTION,
	FIGURES_TRADEOFF,
	FIGURES_RATCHET,
	FIGURES_CPU,
	FIGURES_BILL,
	FIGURE_GROUPS
};

/* In each group; of more loads than fit, those that come first are drawn. */
#define FIGURES_MOST PANELS_MOST

struct figures {
	const struct summary *summary;
	struct panels panels;
	struct tradeoff tradeoff;
	struct ratchet ratchet;
	struct cpu_plots cpu;
	struct bars bars;
	struct figure list[FIGURE_GROUPS][FIGURES_MOST];
	size_t count[FIGURE_GROUPS];
};

/* Reckons what is to be drawn. The summary must outlive the figures. Returns 0 or -ENOMEM. */
int figures_build(struct figures *figures, const struct summary *summary);

/* Draws into folder, which is made. Returns 0, or -errno with one line in why. */
int figures_draw(struct figures *figures, const char *folder, char why[GNUPLOT_WHY]);

void figures_free(struct figures *figures);

#endif
