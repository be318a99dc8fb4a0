/*
 * ratchet.h - what each burst left behind, by burst: does memory that comes back stay away, or does
 * every burst raise what is kept?
 */
#ifndef ANALYSIS_RATCHET_H
#define ANALYSIS_RATCHET_H

#include <stdio.h>

#include "analysis/figure.h"
#include "analysis/panels.h"
#include "analysis/spread.h"

struct ratchet {
	struct spread *floors; /* floor less live in MiB: bursts of them for each row */
	size_t bursts;	       /* the most that any run has */
	double top;	       /* the highest of all */
};

/* Returns 0 or -ENOMEM. */
int ratchet_build(struct ratchet *ratchet, const struct summary *summary);

void ratchet_free(struct ratchet *ratchet);

/*
 * One panel as a figure. Writes the script and fills the figure. Returns 0, -ENODATA when nothing
 * is known of two bursts, or -ENOMEM.
 */
int ratchet_draw(FILE *script, struct figure *figure, const struct ratchet *ratchet,
		 const struct summary *summary, const struct panels *panels,
		 const struct panel *panel);

#endif
