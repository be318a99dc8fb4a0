/*
 * retention.c - retention over the logarithm of time. See retention.h.
 *
 * R(t) as in metrics.h, of all repeats at the same moments: their median, and a band from the
 * lowest to the highest.
 */
#include "analysis/retention.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/bursts.h"
#include "analysis/gnuplot.h"
#include "analysis/spread.h"

#define PLOT_HIGH 200	/* pixels */
#define COLUMNS	  220	/* moments: one for two pixels */
#define EARLIEST  10e-3 /* seconds: how often held is sampled */

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

static int write_row(FILE *script, FILE *plot, struct figure *figure, const struct summary *summary,
		     const struct panels *panels, const struct summary_row *row, size_t number)
{
	const char *allocator = row->first->factors[FACTOR_ALLOCATOR];
	const char *colour = figure_colour(panels_colour(panels, row->first));
	double ratio = figure->x.to / figure->x.from;
	struct spread spreads[COLUMNS];
	double moments[COLUMNS];
	size_t known;
	int error;

	for (size_t i = 0; i < COLUMNS; i++)
		moments[i] = figure->x.from * pow(ratio, (double)i / (COLUMNS - 1));
	error = reckon_row(spreads, moments, summary, row);
	if (error)
		return error;
	if (isnan(spreads[0].middle))
		return 0;
	fprintf(script, "$row%zu << END\n", number);
	known = write_line(script, spreads, moments, figure_line(figure, allocator, colour),
			   row->runs > 1);
	fprintf(script, "END\n");
	if (known && row->runs > 1)
		fprintf(plot,
			"%s$row%zu using 1:3:4 with filledcurves fillstyle transparent solid 0.18 "
			"noborder lc rgb '%s' notitle",
			ftell(plot) ? ", " : "", number, colour);
	fprintf(plot, "%s$row%zu using 1:2 with lines lc rgb '%s' lw 2 title ",
		ftell(plot) ? ", " : "", number, colour);
	gnuplot_string(plot, allocator);
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

int retention_draw(FILE *script, struct figure *figure, const struct summary *summary,
		   const struct panels *panels, const struct panel *panel)
{
	char *terms = NULL;
	size_t room;
	FILE *plot = open_memstream(&terms, &room);
	int error = 0;

	if (!plot)
		return -ENOMEM;
	plan(figure, summary, panel);
	figure_open(script, figure);
	fprintf(script, "set format x '%%g'\nset ytics (0, 10, 50, 100)\n");
	for (size_t i = 0; i < panel->count && !error; i++)
		error = write_row(script, plot, figure, summary, panels, panel->rows[i], i);
	if (fclose(plot) && !error)
		error = -ENOMEM;
	if (!error && !*terms)
		error = -ENODATA;
	if (!error)
		figure_close(script, figure, terms);
	free(terms);
	return error;
}
