/*
 * retention.h - one panel as a figure: retention after the last close, time on a logarithmic axis.
 */
#ifndef ANALYSIS_RETENTION_H
#define ANALYSIS_RETENTION_H

#include <stdio.h>

#include "analysis/figure.h"
#include "analysis/panels.h"

/*
 * Writes the script and fills the figure. Returns 0, -ENODATA when no run of the panel has a known
 * retention (nobody knows what a foreign server uses), or -ENOMEM.
 */
int retention_draw(FILE *script, struct figure *figure, const struct summary *summary,
		   const struct panels *panels, const struct panel *panel);

#endif
