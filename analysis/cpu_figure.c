/*
 * cpu_figure.c - CPU time, memory and connections of one run. See cpu_figure.h.
 */
#include "analysis/cpu_figure.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/gnuplot.h"

#define PLOT_HIGH 220 /* pixels */
#define RIGHT	  58  /* for the numbers of the second axis */
#define EARLIEST  0.05
#define MEMORY	  "memory held (right)"
#define NOTE	  512

/* --- which ------------------------------------------------------------------------------------ */

static int add(struct cpu_plots *plots, const struct panel *panel, const struct run *run,
	       double latest)
{
	struct strands *strands = &plots->list[plots->count];
	int error;

	if (!run->recording.usage.total_count)
		return 0;
	if (plots->count == PANELS_MOST) {
		plots->left_out++;
		return 0;
	}
	error = strands_build(strands, run, EARLIEST, latest);
	if (!error)
		error = ramp_build(&plots->ramps[plots->count], run);
	if (error)
		return error;
	plots->top = fmax(plots->top, strands->top);
	plots->connections = fmax(plots->connections, plots->ramps[plots->count].top);
	plots->panels[plots->count++] = panel;
	return 0;
}

int cpu_plots_build(struct cpu_plots *plots, const struct panels *panels)
{
	double latest = fmax(panels->to, 2 * EARLIEST);
	int error = 0;

	memset(plots, 0, sizeof(*plots));
	for (size_t i = 0; i < panels->count; i++)
		for (size_t j = 0; j < panels->list[i].count && !error; j++)
			error = add(plots, &panels->list[i], panels->list[i].runs[j], latest);
	return error;
}

void cpu_plots_free(struct cpu_plots *plots)
{
	for (size_t i = 0; i < plots->count; i++)
		ramp_free(&plots->ramps[i]);
	memset(plots, 0, sizeof(*plots));
}

/* --- what is on the lines --------------------------------------------------------------------- */

/* A ramp of which nothing is told is drawn as far as it was climbed. */
static const char *name_of(const struct ramp *ramp)
{
	return ramp->climb_known ? "connections planned" : "connections made";
}

static double held_at(const struct run *run, uint64_t from, uint64_t to)
{
	struct span span = curve_span(&run->curve, from, to);
	double most = NAN;

	for (size_t i = 0; i < span.count; i++)
		most = fmax(most, span.points[i].value[CURVE_HELD]);
	return most / 0x1p20;
}

static double held_in(const struct strands *strands, size_t column)
{
	uint64_t origin = recording_phase(&strands->run->recording, "burst", 0)->start;

	return held_at(strands->run, origin + (uint64_t)(strands->edges[column] * 1e9),
		       origin + (uint64_t)(strands->edges[column + 1] * 1e9));
}

/* --- drawing ---------------------------------------------------------------------------------- */

/* The first bands have the strong colours, all others the grey at the palette's end. */
static const char *colour_of(const struct strands *strands, size_t i)
{
	bool others = !strands->list[i].thread;

	return figure_colour(others ? STRANDS_MOST - 1 : i);
}

/* A step a column, from the top of the bands below to its own. */
static void write_band(FILE *script, const struct strands *strands, size_t band)
{
	fprintf(script, "$band%zu << END\n", band);
	for (size_t i = 0; i < strands->columns; i++) {
		double below = 0, own = strands->list[band].busy[i];

		if (isnan(own))
			continue;
		for (size_t j = 0; j < band; j++)
			below += strands->list[j].busy[i];
		for (size_t side = 0; side < 2; side++)
			fprintf(script, "%.4g %.2f %.2f\n", strands->edges[i + side], below,
				below + own);
	}
	fprintf(script, "END\n");
}

static void write_held(FILE *script, const struct strands *strands)
{
	fprintf(script, "$held << END\n");
	for (size_t i = 0; i < strands->columns; i++) {
		double held = held_in(strands, i);

		if (!isnan(held))
			fprintf(script, "%.4g %.3f\n", strands->edges[i], held);
	}
	fprintf(script, "END\n");
}

/* Its corners, and points between them: an even climb is no straight line on this axis. */
static void write_ramp(FILE *script, const struct strands *strands, const struct ramp *ramp)
{
	const struct corner *corner = ramp->corners, *last = ramp->corners + ramp->count;

	fprintf(script, "$ramp << END\n");
	for (size_t i = 0; i <= strands->columns; i++) {
		for (; corner < last && corner->seconds <= strands->edges[i]; corner++)
			if (corner->seconds > strands->edges[0])
				fprintf(script, "%.6g %.1f\n", corner->seconds,
					corner->connections);
		fprintf(script, "%.6g %.1f\n", strands->edges[i], ramp_at(ramp, strands->edges[i]));
	}
	fprintf(script, "END\n");
}

/* Behind the sum: each band's part, and what the two lines show. */
static void write_note(char note[NOTE], const struct strands *strands, const struct ramp *ramp,
		       size_t column)
{
	double held = held_in(strands, column);
	size_t used = 0;

	note[0] = '\0';
	for (size_t i = 0; i < strands->count && used < NOTE; i++)
		used += (size_t)snprintf(note + used, NOTE - used, "%s %.0f %%, ",
					 strands->list[i].name, strands->list[i].busy[column]);
	if (used < NOTE && !isnan(held))
		used += (size_t)snprintf(note + used, NOTE - used, "%.1f MiB held, ", held);
	if (used < NOTE)
		snprintf(note + used, NOTE - used, "%.0f %s", ramp_at(ramp, strands->edges[column]),
			 name_of(ramp));
}

static void write_readings(struct figure *figure, const struct strands *strands,
			   const struct ramp *ramp)
{
	json_t *line = figure_line(figure, "CPU", "");
	char note[NOTE];

	for (size_t i = 0; i < strands->columns; i++) {
		double sum = 0;

		for (size_t j = 0; j < strands->count; j++)
			sum += strands->list[j].busy[i];
		if (isnan(sum))
			continue;
		write_note(note, strands, ramp, i);
		figure_add(line, strands->edges[i], sum, note);
	}
}

static void write_second_axis(FILE *script, const struct panels *panels)
{
	fprintf(script, "set border 11 lw 0.8\nset y2tics out scale 0.5\n");
	fprintf(script, "set y2range [0:%.9g]\n", panels->top > 0 ? panels->top * 1.04 : 1);
	fprintf(script, "set y2label 'memory, MiB' offset -1.4,0\n");
}

static void plan(struct figure *figure, const struct cpu_plots *plots, size_t i,
		 const struct panels *panels)
{
	const struct strands *strands = &plots->list[i];
	const char *allocator = strands->run->factors[FACTOR_ALLOCATOR];

	snprintf(figure->file, sizeof(figure->file), "cpu-%zu-%.40s", i + 1, allocator);
	for (char *c = figure->file; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '-';
	snprintf(figure->title, sizeof(figure->title), "%.64s, %.500s", allocator,
		 plots->panels[i]->title);
	figure->x = (struct axis){ EARLIEST, fmax(panels->to, 2 * EARLIEST),
				   true,     "seconds since the first burst began (logarithmic)",
				   "",	     "s" };
	figure->y = (struct axis){ 0,	  fmax(plots->top, 10) * 1.04,
				   false, "CPU time, % of one CPU",
				   "",	  "%" };
	figure->kind = "steps";
	figure->high = PLOT_HIGH;
	figure->right = RIGHT;
	figure->labels = 8;
	figure->key_longest = strlen(MEMORY);
	for (size_t j = 0; j < plots->count; j++) {
		figure->key_entries = MAX(figure->key_entries, plots->list[j].count + 2);
		for (size_t k = 0; k < plots->list[j].count; k++)
			figure->key_longest = MAX(figure->key_longest,
						  strlen(plots->list[j].list[k].name));
	}
}

int cpu_figure_draw(FILE *script, struct figure *figure, const struct cpu_plots *plots, size_t i,
		    const struct panels *panels)
{
	const struct strands *strands = &plots->list[i];
	const struct ramp *ramp = &plots->ramps[i];
	char *terms = NULL;
	size_t room;
	FILE *plot = open_memstream(&terms, &room);
	int error;

	if (!plot)
		return -ENOMEM;
	plan(figure, plots, i, panels);
	figure_open(script, figure);
	fprintf(script, "set format x '%%g'\n");
	write_second_axis(script, panels);
	for (size_t j = 0; j < strands->count; j++) {
		write_band(script, strands, j);
		fprintf(plot,
			"$band%zu using 1:2:3 with filledcurves fillstyle transparent solid 0.7 "
			"noborder lc rgb '%s' title ",
			j, colour_of(strands, j));
		gnuplot_string(plot, strands->list[j].name);
		fputs(", ", plot);
	}
	write_held(script, strands);
	write_ramp(script, strands, ramp);
	fprintf(plot,
		"$held using 1:2 axes x1y2 with steps lc rgb 'black' lw 3 title '" MEMORY "'");
	fprintf(plot,
		", $ramp using 1:($2*%.9g) with lines lc rgb 'black' lw 1.2 dt (7,5) title '%s'",
		plots->connections > 0 ? figure->y.to / 1.04 / plots->connections : 0,
		name_of(ramp));
	write_readings(figure, strands, ramp);
	error = fclose(plot) ? -ENOMEM : 0;
	if (!error)
		figure_close(script, figure, terms);
	free(terms);
	return error;
}
