/*
 * retention.c - retention over the logarithm of time. See retention.h.
 *
 * R(t) as in metrics.h, of all repeats at the same moments: their median, and a band from the
 * lowest to the highest. Curves often coincide (what keeps all keeps 100 %), so each has dashes and
 * marks of its own, the marks at moments of its own.
 */
#include "analysis/retention.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/bursts.h"
#include "analysis/gnuplot.h"
#include "analysis/spread.h"

#define PLOT_HIGH 200	/* pixels */
#define COLUMNS	  220	/* moments: one for two pixels */
#define EARLIEST  10e-3 /* seconds: how often held is sampled */
#define MARKS	  5	/* of a curve */

/* A panel that is being drawn: data go into the script, terms of the plot command into the others.
 */
struct drawing {
	FILE *script, *lines, *marks;
	struct figure *figure;
	const struct summary *summary;
	const struct panels *panels;
	const struct panel *panel;
};

/* R at the moments of all columns; NAN where it is unknown. Returns 0 or -errno. */
static int reckon(double shares[COLUMNS], const double moments[COLUMNS], const struct run *run)
{
	double base = run->metrics[METRIC_BASE].value;
	double rise = run->metrics[METRIC_PEAK].value - base;
	struct burst *bursts;
	struct span window;
	size_t count;
	int error = bursts_find(&run->recording, &bursts, &count);

	if (error)
		return error;
	window = curve_span(&run->curve, bursts[count - 1].last_close, bursts[count - 1].end);
	for (size_t i = 0, j = 0; i < COLUMNS; i++) {
		uint64_t time = bursts[count - 1].last_close + (uint64_t)(moments[i] * 1e9);
		const double *value;

		shares[i] = NAN;
		if (!window.count || time > window.to || rise <= 0)
			continue;
		while (j + 1 < window.count && window.points[j + 1].time <= time)
			j++;
		value = window.points[j].value;
		shares[i] = (value[CURVE_HELD] - base - value[CURVE_LIVE]) / rise;
	}
	free(bursts);
	return 0;
}

/* Of all runs of the row, percent. Returns 0 or -errno. */
static int reckon_row(struct spread spreads[COLUMNS], const double moments[COLUMNS],
		      const struct summary *summary, const struct summary_row *row)
{
	double(*shares)[COLUMNS] = calloc(row->runs, sizeof(*shares));
	double *values = calloc(row->runs, sizeof(*values));
	size_t count = 0;
	int error = shares && values ? 0 : -ENOMEM;

	for (size_t i = 0; i < summary->experiment->count && !error; i++)
		if (summary_holds(row, &summary->experiment->runs[i]))
			error = reckon(shares[count++], moments, &summary->experiment->runs[i]);
	for (size_t i = 0; i < COLUMNS && !error; i++) {
		for (size_t j = 0; j < count; j++)
			values[j] = 100 * shares[j][i];
		spreads[i] = spread_of(values, count);
	}
	free(shares);
	free(values);
	return error;
}

static void write_moment(FILE *script, double moment, const struct spread *spread)
{
	fprintf(script, "%.4g %.2f %.2f %.2f\n", moment, spread->middle, spread->low, spread->high);
}

/* To a figure's eye. */
static bool are_same(const struct spread *a, const struct spread *b)
{
	return fabs(a->middle - b->middle) < 0.1 && fabs(a->low - b->low) < 0.1 &&
	       fabs(a->high - b->high) < 0.1;
}

/* A value holds up to the next one, so what does not change is left out. Returns how many. */
static size_t write_line(FILE *script, const struct spread *spreads, const double *moments,
			 json_t *reading, bool repeated)
{
	const struct spread *last = NULL;
	size_t known = 0;
	char note[48];

	while (known < COLUMNS && !isnan(spreads[known].middle))
		known++;
	for (size_t i = 0; i < known; i++) {
		if (last && i < known - 1 && are_same(&spreads[i], last))
			continue;
		if (last)
			write_moment(script, moments[i], last);
		last = &spreads[i];
		write_moment(script, moments[i], last);
		snprintf(note, sizeof(note), "%.1f to %.1f", last->low, last->high);
		figure_add(reading, moments[i], last->middle, repeated ? note : NULL);
	}
	return known;
}

/* The i-th of a panel's curves has every so-many-th of the moments that all of them share. */
static void write_marks(const struct drawing *drawing, const struct spread *spreads,
			const double *moments, size_t known, size_t i)
{
	size_t slots = MARKS * drawing->panel->count;

	fprintf(drawing->script, "$marks%zu << END\n", i);
	for (size_t slot = i; slot < slots; slot += drawing->panel->count) {
		size_t column = (2 * slot + 1) * COLUMNS / (2 * slots);

		if (column < known)
			write_moment(drawing->script, moments[column], &spreads[column]);
	}
	fprintf(drawing->script, "END\n");
}

static void write_terms(const struct drawing *drawing, const struct summary_row *row, size_t i)
{
	size_t place = panels_colour(drawing->panels, row->first);
	const char *colour = figure_colour(place), *dash = figure_dashes(place);
	int shape = figure_shape(place);

	if (row->runs > 1)
		fprintf(drawing->lines,
			"$row%zu using 1:3:4 with filledcurves fillstyle transparent solid 0.18 "
			"noborder lc rgb '%s' notitle, ",
			i, colour);
	fprintf(drawing->lines, "$row%zu using 1:2 with lines lc rgb '%s' lw 2 dt %s notitle, ", i,
		colour, dash);
	fprintf(drawing->marks,
		"$marks%zu using 1:2 with points pt %d ps 0.8 lc rgb '%s' notitle, "
		"keyentry with linespoints pt %d ps 0.8 lc rgb '%s' lw 2 dt %s title ",
		i, shape, colour, shape, colour, dash);
	gnuplot_string(drawing->marks, row->first->factors[FACTOR_ALLOCATOR]);
	fputs(", ", drawing->marks);
}

static int write_row(const struct drawing *drawing, size_t number)
{
	const struct figure *figure = drawing->figure;
	const struct summary_row *row = drawing->panel->rows[number];
	const char *allocator = row->first->factors[FACTOR_ALLOCATOR];
	const char *colour = figure_colour(panels_colour(drawing->panels, row->first));
	double ratio = figure->x.to / figure->x.from;
	struct spread spreads[COLUMNS];
	double moments[COLUMNS];
	size_t known;
	int error;

	for (size_t i = 0; i < COLUMNS; i++)
		moments[i] = figure->x.from * pow(ratio, (double)i / (COLUMNS - 1));
	error = reckon_row(spreads, moments, drawing->summary, row);
	if (error)
		return error;
	if (isnan(spreads[0].middle))
		return 0;
	fprintf(drawing->script, "$row%zu << END\n", number);
	known = write_line(drawing->script, spreads, moments,
			   figure_line(drawing->figure, allocator, colour), row->runs > 1);
	fprintf(drawing->script, "END\n");
	write_marks(drawing, spreads, moments, known, number);
	write_terms(drawing, row, number);
	return 0;
}

/* All panels have the same axes, those of the longest window. */
static void plan(struct figure *figure, const struct summary *summary, const struct panel *panel)
{
	double window = 0;

	for (size_t i = 0; i < summary->count; i++)
		window = fmax(window, summary->rows[i].metrics[METRIC_WINDOW].value / 1e9);
	snprintf(figure->file, sizeof(figure->file), "retention-%s", panel->name);
	snprintf(figure->title, sizeof(figure->title), "%s", panel->title);
	figure->x = (struct axis){ EARLIEST, fmax(window, 2 * EARLIEST),
				   true,     "seconds after the last close (logarithmic)",
				   "",	     "s" };
	figure->y = (struct axis){ 0, 108, false, "still held, %", "", "%" };
	figure->kind = "steps";
	figure->high = PLOT_HIGH;
	figure->labels = 8;
	panels_key(figure, panel);
}

/* All curves, then the marks on them, into terms for the caller to free. Returns 0 or -errno. */
static int write_rows(struct drawing *drawing, char **terms)
{
	char *lines = NULL, *marks = NULL;
	size_t room;
	int error = -ENOMEM;

	drawing->lines = open_memstream(&lines, &room);
	drawing->marks = open_memstream(&marks, &room);
	if (drawing->lines && drawing->marks)
		error = 0;
	for (size_t i = 0; i < drawing->panel->count && !error; i++)
		error = write_row(drawing, i);
	if (drawing->lines && fclose(drawing->lines))
		error = -ENOMEM;
	if (drawing->marks && fclose(drawing->marks))
		error = -ENOMEM;
	if (!error && !*lines)
		error = -ENODATA;
	if (!error && asprintf(terms, "%s%.*s", lines, (int)strlen(marks) - 2, marks) < 0)
		error = -ENOMEM;
	free(lines);
	free(marks);
	return error;
}

int retention_draw(FILE *script, struct figure *figure, const struct summary *summary,
		   const struct panels *panels, const struct panel *panel)
{
	struct drawing drawing = { .script = script,
				   .figure = figure,
				   .summary = summary,
				   .panels = panels,
				   .panel = panel };
	char *terms;
	int error;

	plan(figure, summary, panel);
	figure_open(script, figure);
	fprintf(script, "set format x '%%g'\nset ytics (0, 10, 50, 100)\n");
	error = write_rows(&drawing, &terms);
	if (error)
		return error;
	figure_close(script, figure, terms);
	free(terms);
	return 0;
}
