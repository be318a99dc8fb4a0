/*
 * figure.h - one panel as a script for gnuplot: held and live over time.
 */
#ifndef ANALYSIS_FIGURE_H
#define ANALYSIS_FIGURE_H

#include <stdio.h>

#include "analysis/panels.h"

/* Writes the script; its output is SVG. Returns 0 or -errno. */
int figure_script(FILE *script, const struct panels *panels, const struct panel *panel);

/* "#1F83C6": the colour of the allocator in that place of panels.allocators. */
const char *figure_colour(size_t place);

#endif
