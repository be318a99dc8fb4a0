/*
 * held.h - one panel as a figure: held and live over time, and where memory was given back.
 */
#ifndef ANALYSIS_HELD_H
#define ANALYSIS_HELD_H

#include <stdio.h>

#include "analysis/figure.h"
#include "analysis/panels.h"

/* Writes the script and fills the figure. Returns 0 or -errno. */
int held_draw(FILE *script, struct figure *figure, const struct panels *panels,
	      const struct panel *panel);

#endif
