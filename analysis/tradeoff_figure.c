/*
 * tradeoff_figure.c - benefit against cost, drawn. See tradeoff.h.
 *
 * Colour tells the allocator, form all else: the release policy, and what differs besides, unless
 * that would be more than a reader can tell apart. Rows that lie on each other are rings around the
 * last of them, and the allocators' names stand beside wherever there is room: for those who do not
 * tell colours, too.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/gnuplot.h"
#include "analysis/tradeoff_drawing.h"

#define PLOT_HIGH  260	/* pixels */
#define WIDE	   20	/* most / least of a logarithmic axis */
#define FORMS_MOST 6	/* in the key: of more combinations only the policy has a form */
#define RADIUS	   5.25 /* pixels, of gnuplot's marks at a pointsize of 1, in its svg terminal */

static const struct {
	const char *file, *title, *label, *unit;
	int decimals;
} prices[PRICES] = {
	[PRICE_TIME] = { "cost-time", "waste against the server's time",
			 "ms a burst, releasing and faulting", "ms", 2 },
	[PRICE_LATENCY] = { "cost-latency", "waste against latency",
			    "connect p99 of the last burst, µs", "µs", 1 },
};

/* gnuplot's point types: circle, square, triangles, diamond, pentagon; filled, then open. */
static const int forms[] = { 7, 5, 9, 13, 11, 15, 6, 4, 8, 12, 10, 14 };

#define FORMS (sizeof(forms) / sizeof(forms[0]))

/* What the row's form stands for. */
static void name_form(char name[SUMMARY_NOTE], const struct drawing *drawing, size_t row)
{
	const struct run *run = drawing->summary->rows[row].first;

	if (drawing->brief)
		snprintf(name, SUMMARY_NOTE, "%.32s", run->factors[FACTOR_RELEASE]);
	else
		tradeoff_choice(name, drawing->summary, run);
}

static void count_groups(struct drawing *drawing)
{
	char name[SUMMARY_NOTE], other[SUMMARY_NOTE];

	drawing->group_count = 0;
	for (size_t i = 0; i < drawing->summary->count; i++) {
		size_t j = 0;

		name_form(name, drawing, i);
		for (; j < i; j++) {
			name_form(other, drawing, j);
			if (!strcmp(name, other))
				break;
		}
		drawing->groups[i] = j < i ? drawing->groups[j] : drawing->group_count++;
	}
}

static void find_groups(struct drawing *drawing)
{
	count_groups(drawing);
	drawing->brief = drawing->group_count > FORMS_MOST;
	if (drawing->brief)
		count_groups(drawing);
}

static void plan_key(struct figure *figure, const struct drawing *drawing)
{
	char name[SUMMARY_NOTE];

	figure->key_entries = drawing->panels->allocator_count + drawing->group_count + 1;
	figure->key_longest = strlen("Pareto front");
	for (size_t i = 0; i < drawing->summary->count; i++) {
		const struct run *run = drawing->summary->rows[i].first;

		name_form(name, drawing, i);
		figure->key_longest = MAX(figure->key_longest, strlen(name));
		figure->key_longest = MAX(figure->key_longest,
					  strlen(run->factors[FACTOR_ALLOCATOR]));
	}
}

static void name_figure(struct figure *figure, const struct drawing *drawing)
{
	const struct summary *summary = drawing->summary;
	char load[SUMMARY_NOTE] = "", number[16] = "";
	size_t i = 0;

	while (drawing->tradeoff->loads[i] != drawing->load)
		i++;
	tradeoff_load(load, summary, summary->rows[i].first);
	if (drawing->tradeoff->load_count > 1)
		snprintf(number, sizeof(number), "-%zu", drawing->load + 1);
	snprintf(figure->file, sizeof(figure->file), "%s%s", prices[drawing->price].file, number);
	snprintf(figure->title, sizeof(figure->title), "%s%s%s", prices[drawing->price].title,
		 *load ? ", " : "", load);
}

static void plan(struct drawing *drawing)
{
	const char *label = prices[drawing->price].label, *unit = prices[drawing->price].unit;
	struct figure *figure = drawing->figure;
	double right = 0, top = 0, least = INFINITY;

	for (size_t i = 0; i < drawing->tradeoff->count; i++) {
		if (!drawing_has(drawing, i))
			continue;
		right = fmax(right, drawing->paid[i].high);
		top = fmax(top, drawing->tradeoff->waste[i].high);
		least = fmin(least, drawing->tradeoff->waste[i].low);
	}
	name_figure(figure, drawing);
	figure->x = (struct axis){ 0, right > 0 ? right * 1.08 : 1, false, label, "", unit };
	figure->y =
		(struct axis){ 0, top > 0 ? top * 1.08 : 1, false, "waste, MiB s", "", "MiB s" };
	if (least > 0 && top / least > WIDE)
		figure->y = (struct axis){ least / 1.5, top * 1.5,
					   true,	"waste, MiB s (logarithmic)",
					   "",		"MiB s" };
	figure->left = 80; /* for numbers such as 2000 */
	figure->kind = "points";
	figure->high = PLOT_HIGH;
	figure->labels = 8;
	plan_key(figure, drawing);
}

/* "glibc quiet=1s: waste 91 MiB s at 23.1 ms" and what that is made of. */
static void write_reading(const struct drawing *drawing, size_t i)
{
	const struct tradeoff *tradeoff = drawing->tradeoff;
	const struct run *run = drawing->summary->rows[i].first;
	const char *colour = figure_colour(panels_colour(drawing->panels, run));
	double waste = tradeoff->waste[i].middle, paid = drawing->paid[i].middle;
	char name[SUMMARY_NOTE], parts[96] = "", text[2 * SUMMARY_NOTE];

	tradeoff_choice(name, drawing->summary, run);
	if (drawing->price == PRICE_TIME)
		snprintf(parts, sizeof(parts), " (releasing %.1f + faulting %.1f)",
			 tradeoff->releasing[i].middle, tradeoff->faulting[i].middle);
	snprintf(text, sizeof(text), "%s %s: waste %.1f MiB s at %.*f %s%s",
		 run->factors[FACTOR_ALLOCATOR], name, waste, prices[drawing->price].decimals, paid,
		 prices[drawing->price].unit, parts);
	figure_point(drawing->figure, colour, paid, waste, text);
}

/* gnuplot's open forms are one below the filled ones. */
static int form_of_row(const struct drawing *drawing, size_t row)
{
	int form = forms[drawing->groups[row] % FORMS];

	return drawing->spots[row].radius > CROWD_MARK && form % 2 ? form - 1 : form;
}

static void write_point(FILE *script, FILE *plot, struct drawing *drawing, size_t i)
{
	const struct run *run = drawing->summary->rows[i].first;
	const struct spread *x = &drawing->paid[i], *y = &drawing->tradeoff->waste[i];
	const char *colour = figure_colour(panels_colour(drawing->panels, run));

	fprintf(script, "$row%zu << END\n%g %g %g %g %g %g\nEND\n", i, x->middle, y->middle, x->low,
		x->high, y->low, y->high);
	if (drawing->summary->rows[i].runs > 1) {
		drawing_take_cross(drawing, i);
		fprintf(plot,
			", $row%zu using 1:2:3:4:5:6 with xyerrorbars pt 0 lw 0.8 lc rgb '%s' "
			"notitle",
			i, colour);
	}
	fprintf(plot, ", $row%zu using 1:2 with points pt %d ps %.2f lw 1.4 lc rgb '%s' notitle", i,
		form_of_row(drawing, i), drawing->spots[i].radius / RADIUS, colour);
}

/* The next row of the front to the right of x, which is the number of rows when there is none. */
static size_t next_on_front(const struct drawing *drawing, double x)
{
	size_t next = drawing->tradeoff->count;

	for (size_t i = 0; i < drawing->tradeoff->count; i++)
		if (drawing->front[i] && drawing_has(drawing, i) && drawing->paid[i].middle > x &&
		    (next == drawing->tradeoff->count ||
		     drawing->paid[i].middle < drawing->paid[next].middle))
			next = i;
	return next;
}

/* A staircase: whatever lies above it or right of it is beaten by one of its corners. */
static void write_front(FILE *script, FILE *plot, struct drawing *drawing)
{
	const struct figure *figure = drawing->figure;
	double height = figure->y.to, x = -1;
	double left = 0, top = figure->high, right, bottom; /* the same in pixels */
	size_t i;

	fputs("$front << END\n", script);
	while ((i = next_on_front(drawing, x)) < drawing->tradeoff->count) {
		right = figure_pixel(figure, drawing->paid[i].middle);
		bottom = figure_pixel_up(figure, drawing->tradeoff->waste[i].middle);
		if (x >= 0)
			drawing_take(drawing, left, top, right, top);
		drawing_take(drawing, right, bottom, right, top);
		left = right;
		top = bottom;
		x = drawing->paid[i].middle;
		fprintf(script, "%g %g\n", x, height);
		height = drawing->tradeoff->waste[i].middle;
		fprintf(script, "%g %g\n", x, height);
	}
	drawing_take(drawing, left, top, figure_wide(figure), top);
	fprintf(script, "%g %g\nEND\n", figure->x.to, height);
	fputs("$front using 1:2 with lines lc rgb 'black' lw 1 dt (3,3) title 'Pareto front'",
	      plot);
}

static void write_keys(FILE *plot, const struct drawing *drawing)
{
	const struct panels *panels = drawing->panels;
	char name[SUMMARY_NOTE];
	size_t group = 0;

	for (size_t i = 0; i < panels->allocator_count; i++) {
		fprintf(plot, ", keyentry with points pt 7 ps 1.1 lc rgb '%s' title ",
			figure_colour(i));
		gnuplot_string(plot, panels->allocators[i]);
	}
	for (size_t i = 0; i < drawing->summary->count; i++) {
		if (drawing->groups[i] != group)
			continue;
		fprintf(plot, ", keyentry with points pt %d ps 1.1 lw 1.4 lc rgb 'black' title ",
			forms[group++ % FORMS]);
		name_form(name, drawing, i);
		gnuplot_string(plot, name);
	}
}

/* A logarithmic axis of few decades wants more numbers than their ends. */
static void write_tics(FILE *script, const struct axis *axis)
{
	const char *comma = "set ytics (";

	if (!axis->logarithmic)
		return;
	for (double decade = pow(10, floor(log10(axis->from))); decade < axis->to; decade *= 10)
		for (int i = 0; i < 3; i++) {
			double tic = decade * (double[]){ 1, 2, 5 }[i];

			if (tic < axis->from || tic > axis->to)
				continue;
			fprintf(script, "%s%g", comma, tic);
			comma = ", ";
		}
	fputs(")\n", script);
}

static int draw(FILE *script, struct drawing *drawing)
{
	char *terms = NULL;
	size_t room;
	FILE *plot = open_memstream(&terms, &room);
	int error;

	if (!plot)
		return -ENOMEM;
	find_groups(drawing);
	plan(drawing);
	drawing_find_spots(drawing);
	figure_open(script, drawing->figure);
	write_tics(script, &drawing->figure->y);
	write_front(script, plot, drawing);
	for (size_t i = 0; i < drawing->tradeoff->count; i++) {
		if (!drawing_has(drawing, i))
			continue;
		write_point(script, plot, drawing, i);
		write_reading(drawing, i);
	}
	write_keys(plot, drawing);
	drawing_write_names(script, drawing);
	error = fclose(plot) ? -ENOMEM : 0;
	if (!error)
		figure_close(script, drawing->figure, terms);
	free(terms);
	return error;
}

int tradeoff_draw(FILE *script, struct figure *figure, const struct tradeoff *tradeoff,
		  enum price price, size_t load, const struct summary *summary,
		  const struct panels *panels)
{
	struct drawing drawing = { .tradeoff = tradeoff,
				   .summary = summary,
				   .panels = panels,
				   .price = price,
				   .load = load,
				   .paid = tradeoff->price[price],
				   .front = tradeoff->front[price],
				   .figure = figure };
	size_t drawn = 0;
	int error;

	for (size_t i = 0; i < tradeoff->count; i++)
		drawn += drawing_has(&drawing, i);
	if (drawn < 2)
		return -ENODATA;
	drawing.groups = calloc(tradeoff->count, sizeof(*drawing.groups));
	drawing.spots = calloc(tradeoff->count, sizeof(*drawing.spots));
	/* Of each a name, a cross, and two lines of the front, which has an end besides. */
	drawing.taken = calloc(5 * tradeoff->count + 1, sizeof(*drawing.taken));
	error = drawing.groups && drawing.spots && drawing.taken ? draw(script, &drawing) : -ENOMEM;
	free(drawing.groups);
	free(drawing.spots);
	free(drawing.taken);
	return error;
}
