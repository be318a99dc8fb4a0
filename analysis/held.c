/*
 * held.c - held and live over time. See held.h.
 */
#include "analysis/held.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/bursts.h"
#include "analysis/gnuplot.h"
#include "analysis/marks.h"
#include "analysis/thin.h"

/* In pixels of the SVG's own size. */
#define PLOT_HIGH  236
#define LABEL_HIGH 28 /* names of the phases */
#define MARK_WIDE  10 /* a mark of a release: closer ones of the same cause are one */

/* gnuplot's point types, which differ in more than colour: a filled and an open triangle, a cross.
 */
static const struct {
	int point;
	const char *title;
} mark_forms[MARK_CAUSES] = {
	[MARK_POLICY] = { 11, "policy releases" },
	[MARK_ALLOCATOR] = { 8, "allocator releases" },
	[MARK_UNKNOWN] = { 2, "release" },
};

/*
 * The marks of a run, thinned to what a panel can show: not closer than they are wide, and none for
 * less than a hundredth of the axis, which hardly shows as a step. Returns 0 or -ENOMEM.
 */
static int find_marks(struct mark **marks, size_t *count, const struct panels *panels,
		      const struct run *run)
{
	double wide = (panels->to - panels->from) / FIGURE_PLOT_WIDTH * MARK_WIDE;

	return marks_find(marks, count, &run->recording.evidence, (uint64_t)fmax(0, wide * 1e9),
			  panels->top * 0x1p20 / 100);
}

/* What the key has to explain besides the runs. */
struct key {
	bool marks[MARK_CAUSES];
	size_t entries;
	size_t longest; /* letters of the longest one */
};

/* Returns 0 or -ENOMEM. */
static int plan_marks(struct key *key, const struct panels *panels, const struct run *run)
{
	struct mark *marks;
	size_t count;

	if (find_marks(&marks, &count, panels, run))
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		key->marks[marks[i].cause] = true;
	free(marks);
	return 0;
}

/* Of all panels: with keys of different heights their axes would not stand side by side. */
static int plan_key(struct key *key, const struct panels *panels)
{
	int error = 0;

	*key = (struct key){ .longest = strlen("last close") };
	for (size_t i = 0; i < panels->count; i++) {
		const struct panel *panel = &panels->list[i];

		key->entries = MAX(key->entries, panel->count + 2);
		for (size_t j = 0; j < panel->count && !error; j++) {
			size_t length = strlen(panel->runs[j]->factors[FACTOR_ALLOCATOR]);

			key->longest = MAX(key->longest, length);
			error = plan_marks(key, panels, panel->runs[j]);
		}
	}
	for (int cause = 0; cause < MARK_CAUSES; cause++) {
		if (!key->marks[cause])
			continue;
		key->entries++;
		key->longest = MAX(key->longest, strlen(mark_forms[cause].title));
	}
	return error;
}

/* How strongly a phase is shaded; 0: not at all. */
static double shade_of(const struct phase *phase)
{
	if (!strcmp(phase->name, "burst"))
		return 0.26;
	if (!strcmp(phase->name, "trickle"))
		return 0.16;
	return strcmp(phase->name, "window") ? 0 : 0.07;
}

/*
 * "burst 1" where there is room, else only "1" (the one before it says of what), else nothing.
 * taken: the pixel up to which labels stand already.
 */
static void write_label(FILE *script, const struct figure *figure, const struct phase *phase,
			double middle, double *taken)
{
	double centre = figure_pixel(figure, middle);
	char number[24], full[RECORD_NAME + 24];
	const char *const forms[] = { full, number };

	snprintf(number, sizeof(number), "%" PRIu64, phase->number);
	snprintf(full, sizeof(full), "%s %s", phase->name, number);
	if (!strcmp(phase->name, "window"))
		strcpy(full, phase->name);
	for (size_t i = 0; i < 2; i++) {
		double half = FIGURE_LETTER * (double)strlen(forms[i]) / 2;

		if (centre - half < *taken ||
		    (i == 0 && centre + half > FIGURE_PLOT_WIDTH + FIGURE_RIGHT))
			continue;
		fprintf(script, "set label ");
		gnuplot_string(script, forms[i]);
		fprintf(script, " at %f, graph 1 center offset 0,0.6 font ',13'\n", middle);
		*taken = centre + half + FIGURE_LETTER;
		return;
	}
}

static void write_phases(FILE *script, const struct figure *figure, const struct run *run)
{
	double taken = -FIGURE_LEFT;

	for (size_t i = 0; i < run->recording.phase_count; i++) {
		const struct phase *phase = &run->recording.phases[i];
		double from = panels_seconds(run, phase->start);
		double to = panels_seconds(run, phase->end);

		if (shade_of(phase) <= 0)
			continue;
		fprintf(script,
			"set object rectangle from %f, graph 0 to %f, graph 1 behind "
			"fillcolor rgb '#808080' fillstyle transparent solid %.2f noborder\n",
			from, to, shade_of(phase));
		write_label(script, figure, phase, (from + to) / 2, &taken);
	}
}

/*
 * A data block of a line, thinned, and the same numbers to be read (NULL: not). Returns 0, -ENODATA
 * when there is nothing known, or -ENOMEM.
 */
static int write_line(FILE *script, const struct figure *figure, const struct run *run,
		      enum curve_line line, const char *name, json_t *reading)
{
	const struct recording *recording = &run->recording;
	uint64_t from = recording->phases[0].start;
	uint64_t to = recording->phases[recording->phase_count - 1].end;
	struct span span = curve_span(&run->curve, from, to);
	struct dot *dots = calloc(span.count + 1, sizeof(*dots));
	size_t count = 0;

	if (!dots)
		return -ENOMEM;
	for (size_t i = 0; i < span.count; i++)
		if (!isnan(span.points[i].value[line]))
			dots[count++] = (struct dot){ span_start(&span, i),
						      span.points[i].value[line] };
	if (count) {
		dots[count] = (struct dot){ to, dots[count - 1].value };
		count = thin(dots, count + 1, from, to,
			     (size_t)fmax(1, figure_pixel(figure, panels_seconds(run, to))));
	}
	fprintf(script, "$%s << END\n", name);
	for (size_t i = 0; i < count; i++) {
		double seconds = panels_seconds(run, dots[i].time);

		fprintf(script, "%.3f %.3f\n", seconds, dots[i].value / 0x1p20);
		figure_add(reading, seconds, dots[i].value / 0x1p20, NULL);
	}
	fprintf(script, "END\n");
	free(dots);
	return count ? 0 : -ENODATA;
}

/* A data block with the one point where held stood at the last close. Returns as write_line(). */
static int write_last_close(FILE *script, const struct run *run, const char *name)
{
	struct burst *bursts;
	struct span span;
	uint64_t last;
	size_t count;
	int error = bursts_find(&run->recording, &bursts, &count);

	if (error)
		return error;
	last = bursts[count - 1].last_close;
	free(bursts);
	span = curve_span(&run->curve, last, last);
	if (!span.count)
		return -ENODATA;
	fprintf(script, "$%s << END\n%.3f %.3f\nEND\n", name, panels_seconds(run, last),
		span.points[0].value[CURVE_HELD] / 0x1p20);
	return 0;
}

/* A mark stands where held was when the release began. Returns 0 or -ENOMEM. */
static int write_marks(FILE *script, FILE *plot, const struct panels *panels, const struct run *run,
		       size_t i)
{
	struct mark *marks;
	size_t count;

	if (find_marks(&marks, &count, panels, run))
		return -ENOMEM;
	for (size_t from = 0, j = 0; j < count; from = j) {
		enum mark_cause cause = marks[from].cause;

		fprintf(script, "$mark%zu_%d << END\n", i, (int)cause);
		for (; j < count && marks[j].cause == cause; j++) {
			struct span span = curve_span(&run->curve, marks[j].time, marks[j].time);

			if (span.count)
				fprintf(script, "%.3f %.3f\n", panels_seconds(run, marks[j].time),
					span.points[0].value[CURVE_HELD] / 0x1p20);
		}
		fprintf(script, "END\n");
		fprintf(plot,
			"$mark%zu_%d using 1:2 with points pt %d ps 0.9 lw 1.4 lc rgb '%s' "
			"notitle, ",
			i, (int)cause, mark_forms[cause].point,
			figure_colour(panels_colour(panels, run)));
	}
	free(marks);
	return 0;
}

/* The last run of which live is known; nobody knows what a foreign server has in use. */
static size_t find_live(const struct panel *panel)
{
	size_t i = panel->count;

	while (i-- > 0) {
		const struct curve *curve = &panel->runs[i]->curve;

		if (curve->count && !isnan(curve->points[curve->count - 1].value[CURVE_LIVE]))
			break;
	}
	return i;
}

/*
 * All data, and into plot the terms of the plot command that draw it. Live is much the same in all
 * runs, so that it is read off one of them only.
 */
static int write_run(FILE *script, FILE *plot, struct figure *figure, const struct panels *panels,
		     const struct run *run, size_t i, bool read_live)
{
	const char *colour = figure_colour(panels_colour(panels, run));
	const char *allocator = run->factors[FACTOR_ALLOCATOR];
	char name[32];
	int error;

	snprintf(name, sizeof(name), "held%zu", i);
	error = write_line(script, figure, run, CURVE_HELD, name,
			   figure_line(figure, allocator, colour));
	if (error)
		return error == -ENODATA ? 0 : error;
	fprintf(plot, "$%s using 1:2 with steps lc rgb '%s' lw 2 title ", name, colour);
	gnuplot_string(plot, allocator);
	fputs(", ", plot);
	snprintf(name, sizeof(name), "live%zu", i);
	error = write_line(script, figure, run, CURVE_LIVE, name,
			   read_live ? figure_line(figure, "live", "") : NULL);
	if (!error)
		fprintf(plot, "$%s using 1:2 with steps lc rgb '%s' lw 1 dt (7,5) notitle, ", name,
			colour);
	if (error && error != -ENODATA)
		return error;
	snprintf(name, sizeof(name), "close%zu", i);
	error = write_last_close(script, run, name);
	if (!error)
		fprintf(plot, "$%s using 1:2 with points pt 7 ps 0.7 lc rgb '%s' notitle, ", name,
			colour);
	return error == -ENODATA ? 0 : error;
}

static void write_keys(FILE *plot, const struct key *key)
{
	fputs("keyentry with lines lc rgb 'black' lw 1 dt (7,5) title 'live', "
	      "keyentry with points pt 7 ps 0.7 lc rgb 'black' title 'last close'",
	      plot);
	for (int cause = 0; cause < MARK_CAUSES; cause++)
		if (key->marks[cause])
			fprintf(plot,
				", keyentry with points pt %d ps 0.9 lw 1.4 lc rgb 'black' "
				"title '%s'",
				mark_forms[cause].point, mark_forms[cause].title);
}

static int plan(struct figure *figure, const struct panels *panels, const struct panel *panel,
		struct key *key)
{
	int error = plan_key(key, panels);

	snprintf(figure->file, sizeof(figure->file), "held-%s", panel->name);
	snprintf(figure->title, sizeof(figure->title), "%s", panel->title);
	figure->x = (struct axis){ panels->from, panels->to,
				   false,	 "seconds since the first burst began",
				   "",		 "s" };
	figure->y = (struct axis){ 0,	  panels->top > 0 ? panels->top * 1.04 : 1,
				   false, "memory, MiB",
				   "",	  "MiB" };
	figure->kind = "steps";
	figure->high = PLOT_HIGH;
	figure->labels = LABEL_HIGH;
	figure->key_entries = key->entries;
	figure->key_longest = key->longest;
	return error;
}

int held_draw(FILE *script, struct figure *figure, const struct panels *panels,
	      const struct panel *panel)
{
	char *terms = NULL;
	size_t room;
	FILE *plot = open_memstream(&terms, &room);
	struct key key;
	int error;

	if (!plot)
		return -ENOMEM;
	error = plan(figure, panels, panel, &key);
	figure_open(script, figure);
	write_phases(script, figure, panel->runs[0]);
	for (size_t i = 0; i < panel->count && !error; i++)
		error = write_run(script, plot, figure, panels, panel->runs[i], i,
				  i == find_live(panel));
	for (size_t i = 0; i < panel->count && !error; i++)
		error = write_marks(script, plot, panels, panel->runs[i], i);
	write_keys(plot, &key);
	if (fclose(plot) && !error)
		error = -ENOMEM;
	if (!error)
		figure_close(script, figure, terms);
	free(terms);
	return error;
}
