/*
 * ratchet.c - what each burst left behind. See ratchet.h.
 */
#include "analysis/ratchet.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/param.h>

#include "analysis/bursts.h"
#include "analysis/gnuplot.h"

#define PLOT_HIGH 180 /* pixels */

/* Of one run, MiB; those that are not known stay as they are. Returns 0 or -ENOMEM. */
static int reckon(double *floors, const struct run *run)
{
	struct burst *bursts;
	size_t count;
	uint64_t quiet;
	int error = bursts_find(&run->recording, &bursts, &count);

	if (error)
		return error == -ENODATA ? 0 : error;
	quiet = bursts_shortest_quiet(bursts, count);
	for (size_t i = 0; i < count && !error; i++) {
		uint64_t from = bursts[i].last_close;
		double floor, live;

		error = metrics_floor(&run->curve, from, from + quiet, &floor, &live);
		if (!error)
			floors[i] = (floor - live) / 0x1p20;
		else if (error == -ENODATA)
			error = 0;
	}
	free(bursts);
	return error;
}

static int reckon_row(struct spread *floors, const struct summary *summary,
		      const struct summary_row *row, size_t bursts)
{
	double *values = calloc(row->runs * bursts, sizeof(*values));
	double *repeats = calloc(row->runs, sizeof(*repeats));
	size_t count = 0;
	int error = values && repeats ? 0 : -ENOMEM;

	for (size_t i = 0; !error && i < row->runs * bursts; i++)
		values[i] = NAN;
	for (size_t i = 0; i < summary->experiment->count && !error; i++)
		if (summary_holds(row, &summary->experiment->runs[i]))
			error = reckon(values + bursts * count++, &summary->experiment->runs[i]);
	for (size_t i = 0; i < bursts && !error; i++) {
		for (size_t j = 0; j < count; j++)
			repeats[j] = values[j * bursts + i];
		floors[i] = spread_of(repeats, count);
	}
	free(values);
	free(repeats);
	return error;
}

int ratchet_build(struct ratchet *ratchet, const struct summary *summary)
{
	int error = 0;

	*ratchet = (struct ratchet){ 0 };
	for (size_t i = 0; i < summary->experiment->count; i++)
		if (!summary->experiment->runs[i].is_void)
			ratchet->bursts = MAX(
				ratchet->bursts,
				bursts_count(&summary->experiment->runs[i].recording));
	ratchet->floors = calloc(summary->count * ratchet->bursts + 1, sizeof(*ratchet->floors));
	if (!ratchet->floors)
		return -ENOMEM;
	for (size_t i = 0; i < summary->count && !error; i++)
		error = reckon_row(ratchet->floors + i * ratchet->bursts, summary,
				   &summary->rows[i], ratchet->bursts);
	for (size_t i = 0; i < summary->count * ratchet->bursts && !error; i++)
		ratchet->top = fmax(ratchet->top, ratchet->floors[i].high);
	if (error)
		ratchet_free(ratchet);
	return error;
}

void ratchet_free(struct ratchet *ratchet)
{
	free(ratchet->floors);
	ratchet->floors = NULL;
}

static void write_row(FILE *script, FILE *plot, struct figure *figure, const struct spread *floors,
		      size_t bursts, const struct run *run, size_t number, size_t place,
		      bool repeated)
{
	const char *colour = figure_colour(place);
	json_t *reading;
	char note[48];

	if (!bursts || isnan(floors[0].middle))
		return;
	reading = figure_line(figure, run->factors[FACTOR_ALLOCATOR], colour);
	fprintf(script, "$row%zu << END\n", number);
	for (size_t i = 0; i < bursts && !isnan(floors[i].middle); i++) {
		fprintf(script, "%zu %.3f %.3f %.3f\n", i + 1, floors[i].middle, floors[i].low,
			floors[i].high);
		snprintf(note, sizeof(note), "%.1f to %.1f", floors[i].low, floors[i].high);
		figure_add(reading, (double)i + 1, floors[i].middle, repeated ? note : NULL);
	}
	fprintf(script, "END\n");
	if (repeated)
		fprintf(plot,
			"%s$row%zu using 1:3:4 with filledcurves fillstyle transparent solid 0.18 "
			"noborder lc rgb '%s' notitle",
			ftell(plot) ? ", " : "", number, colour);
	fprintf(plot,
		"%s$row%zu using 1:2 with linespoints pt %d ps 0.6 lw 2 dt %s lc rgb '%s' title ",
		ftell(plot) ? ", " : "", number, figure_shape(place), figure_dashes(place), colour);
	gnuplot_string(plot, run->factors[FACTOR_ALLOCATOR]);
}

static void plan(struct figure *figure, const struct ratchet *ratchet, const struct panel *panel)
{
	snprintf(figure->file, sizeof(figure->file), "ratchet-%s", panel->name);
	snprintf(figure->title, sizeof(figure->title), "%s", panel->title);
	figure->x =
		(struct axis){ 0.8, (double)ratchet->bursts + 0.2, false, "burst", "burst", "" };
	figure->y = (struct axis){ 0,	  ratchet->top > 0 ? ratchet->top * 1.08 : 1,
				   false, "kept unused, MiB",
				   "",	  "MiB" };
	figure->kind = "lines";
	figure->high = PLOT_HIGH;
	figure->labels = 8;
	panels_key(figure, panel);
}

int ratchet_draw(FILE *script, struct figure *figure, const struct ratchet *ratchet,
		 const struct summary *summary, const struct panels *panels,
		 const struct panel *panel)
{
	char *terms = NULL;
	size_t room;
	FILE *plot = open_memstream(&terms, &room);
	int error;

	if (!plot)
		return -ENOMEM;
	plan(figure, ratchet, panel);
	figure_open(script, figure);
	fprintf(script, "set xtics %d\n", MAX(1, (int)ratchet->bursts / 8));
	for (size_t i = 0; i < panel->count && ratchet->bursts > 1; i++)
		write_row(script, plot, figure,
			  ratchet->floors +
				  (size_t)(panel->rows[i] - summary->rows) * ratchet->bursts,
			  ratchet->bursts, panel->runs[i], i, panels_colour(panels, panel->runs[i]),
			  panel->rows[i]->runs > 1);
	error = fclose(plot) ? -ENOMEM : 0;
	if (!error && !*terms)
		error = -ENODATA;
	if (!error)
		figure_close(script, figure, terms);
	free(terms);
	return error;
}
