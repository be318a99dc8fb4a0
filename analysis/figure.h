/*
 * figure.h - one figure: its axes, its place in the files and on the page, what is read under the
 * pointer, and the look that all figures share. It is drawn twice, as SVG for the page and as PDF
 * for papers, from one script for gnuplot.
 *
 * Text and axes are left black and the ground empty: svg.c makes them follow the page.
 */
#ifndef ANALYSIS_FIGURE_H
#define ANALYSIS_FIGURE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FIGURE_FILE  64
#define FIGURE_TITLE 576

/* In pixels of the SVG's own size. */
#define FIGURE_WIDTH	  520
#define FIGURE_LEFT	  66
#define FIGURE_RIGHT	  16
#define FIGURE_PLOT_WIDTH (FIGURE_WIDTH - FIGURE_LEFT - FIGURE_RIGHT)
#define FIGURE_LETTER	  7.6 /* mean width of one, to judge what fits */

struct axis {
	double from, to;
	bool logarithmic;
	const char *label; /* beside it: what, and in which unit */
	const char *name;  /* before a value that is read, "burst"; may be "" */
	const char *unit;  /* behind it, "MiB"; may be "" */
};

struct figure {
	char file[FIGURE_FILE]; /* "held-2-quiet-1s", in figures/, without its ending */
	char title[FIGURE_TITLE];
	struct axis x, y;
	/* The key above the plot: how many entries, and letters of the longest. */
	size_t key_entries, key_longest;
	int labels; /* pixels between key and plot, for labels */
	int high;   /* pixels of the plot itself */
	int left;   /* pixels before the plot; 0: FIGURE_LEFT */
	int right;  /* and behind it; 0: FIGURE_RIGHT */
	/*
	 * What the page's script shows under the pointer, or NULL; see figure_line() and
	 * figure_point().
	 */
	json_t *readings;
	const char *kind; /* "steps", "lines" (nearest x) or "points" (nearest point) */
};

/* Writes all but data and the plot command. */
void figure_open(FILE *script, const struct figure *figure);

/* Plots terms, once for each file. */
void figure_close(FILE *script, const struct figure *figure, const char *terms);

/* Where x is between the plot's left end and its right one, and y above its lower end, in pixels.
 */
double figure_pixel(const struct figure *figure, double x);
double figure_pixel_up(const struct figure *figure, double y);

/* The width of the plot, in pixels. */
int figure_wide(const struct figure *figure);

/*
 * A line whose values are read: add the numbers to it with figure_add(), note may be NULL. The
 * figure's; NULL when there is no memory, which figure_add() takes.
 */
json_t *figure_line(struct figure *figure, const char *name, const char *colour);
void figure_add(json_t *line, double x, double y, const char *note);

/* A single point that is read as text. */
void figure_point(struct figure *figure, const char *colour, double x, double y, const char *text);

/* What the page's script wants to know, as JSON for the caller to free; NULL: nothing to read. */
char *figure_readings(const struct figure *figure);

void figure_free(struct figure *figure);

/* "#1F83C6": the colour of the allocator in that place of panels.allocators. */
const char *figure_colour(size_t place);

/*
 * What tells it from others without colour, and where curves coincide: gnuplot's dashes and number
 * of a point. The first one is solid: it is drawn below the others, and shows in their gaps.
 */
const char *figure_dashes(size_t place);
int figure_shape(size_t place);

#endif
