/*
 * bars.c - the kernel memory of a connection as stacked bars. See bars.h.
 *
 * Text outside of the bars is left black: svg.c makes it follow the page. Inside it is a dark grey,
 * readable on every colour there is, in any scheme.
 */
#include "analysis/bars.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/figure.h"
#include "analysis/gnuplot.h"

/* In pixels of the SVG's own size. */
#define BAR_HIGH 36
#define NARROW	 20  /* before bars without names */
#define DIGIT	 9.5 /* with some air, to judge what fits into a part of a bar */

const char *bars_colour(enum bill_item item)
{
	/* There are seven colours in the figures of curves. */
	if (item == BILL_RING)
		return "#F0E442";
	return item == BILL_OTHER ? "#BBBBBB" : figure_colour(item);
}

/* The first bill in which connections were counted is the one that others have to agree with. */
static bool all_agree(const struct experiment *experiment)
{
	struct bill first = { 0 }, bill;

	for (size_t i = 0; i < experiment->count; i++) {
		const struct run *run = &experiment->runs[i];

		if (run->is_void || !bill_find(&bill, &run->recording) || !bill.connections)
			continue;
		if (!first.connections)
			first = bill;
		if (!bill_agrees(&first, &bill))
			return false;
	}
	return true;
}

static void name_bar(struct bar *bar, const struct summary *summary, const struct run *run)
{
	char label[SUMMARY_NOTE];

	summary_label(label, summary, run);
	snprintf(bar->name, sizeof(bar->name), "%.40s %.40s%s%s", run->factors[FACTOR_ALLOCATOR],
		 run->factors[FACTOR_RELEASE], *label ? ", " : "", label);
}

int bars_build(struct bars *bars, const struct summary *summary)
{
	bars->count = 0;
	bars->agree = all_agree(summary->experiment);
	bars->list = calloc(summary->count + 1, sizeof(*bars->list));
	if (!bars->list)
		return -ENOMEM;
	for (size_t i = 0; i < summary->count; i++) {
		const struct run *run = summary->rows[i].first;
		struct bar *bar = &bars->list[bars->count];

		if (!bill_find(&bar->bill, &run->recording) || !bar->bill.connections)
			continue;
		bars->count++;
		if (bars->agree)
			break;
		name_bar(bar, summary, run);
	}
	return 0;
}

void bars_free(struct bars *bars)
{
	free(bars->list);
	memset(bars, 0, sizeof(*bars));
}

static double length_of(const struct bar *bar)
{
	double length = 0;

	for (int i = 0; i < BILL_ITEMS; i++)
		length += bar->bill.items[i];
	return length;
}

static bool occurs(const struct bars *bars, int item)
{
	for (size_t i = 0; i < bars->count; i++)
		if (bars->list[i].bill.items[item] > 0)
			return true;
	return false;
}

static void plan(struct figure *figure, const struct bars *bars)
{
	double left = NARROW, range = 0;

	for (size_t i = 0; i < bars->count; i++) {
		double name = FIGURE_LETTER * (double)strlen(bars->list[i].name) + NARROW;

		left = fmin(fmax(left, name), FIGURE_WIDTH / 2.5);
		range = fmax(range, length_of(&bars->list[i]));
	}
	snprintf(figure->file, sizeof(figure->file), "bill");
	snprintf(figure->title, sizeof(figure->title), "kernel memory of a connection");
	/* Room for the sum behind the longest bar. */
	figure->x = (struct axis){ 0,	  fmax(1, range * 1.16),
				   false, "bytes for one connection, at the server",
				   "",	  "B" };
	figure->y = (struct axis){ (double)bars->count - 0.5, -0.5, false, "", "", "" };
	figure->left = (int)left;
	figure->high = BAR_HIGH * (int)bars->count;
	figure->labels = 10;
	figure->key_longest = strlen("socket inode");
	for (int i = 0; i < BILL_ITEMS; i++)
		figure->key_entries += occurs(bars, i);
}

/* Its name before it, its sum behind it, and in its parts their bytes where there is room. */
static void write_labels(FILE *script, const struct figure *figure, const struct bar *bar, size_t i)
{
	double scale = figure_pixel(figure, 1);
	double from = 0;
	char number[32];

	if (*bar->name) {
		fprintf(script, "set label ");
		gnuplot_string(script, bar->name);
		fprintf(script, " at graph 0, first %zu right offset -0.8,0 font ',13'\n", i);
	}
	for (int item = 0; item < BILL_ITEMS; item++) {
		double bytes = bar->bill.items[item];

		snprintf(number, sizeof(number), "%.0f", bytes);
		if (bytes * scale > DIGIT * (double)strlen(number))
			fprintf(script,
				"set label '%s' at %f,%zu center front font ',13' "
				"textcolor rgb '#14171b'\n",
				number, from + bytes / 2, i);
		from += bytes;
	}
	fprintf(script, "set label '%.0f%s' at %f,%zu left offset 0.6,0 font ',13'\n", from,
		bar->bill.source == BILL_EXACT ? "" : " ?", from, i);
}

/* The parts of all bars that are of one item. */
static void write_parts(FILE *script, const struct bars *bars, int item)
{
	fprintf(script, "$item%d << END\n", item);
	for (size_t i = 0; i < bars->count; i++) {
		double from = 0;

		for (int before = 0; before < item; before++)
			from += bars->list[i].bill.items[before];
		fprintf(script, "%f %zu %f %f %f %f\n", from, i, from,
			from + bars->list[i].bill.items[item], (double)i - 0.36, (double)i + 0.36);
	}
	fprintf(script, "END\n");
}

static void write_bars(FILE *script, FILE *plot, const struct figure *figure,
		       const struct bars *bars)
{
	const char *comma = "";

	/* A vertical key would have no more rows than fit beside the few bars. */
	fputs("set border 1 lw 0.8\nunset ytics\nunset grid\nset key horizontal\n", script);
	for (size_t i = 0; i < bars->count; i++)
		write_labels(script, figure, &bars->list[i], i);
	for (int item = 0; item < BILL_ITEMS; item++) {
		if (!occurs(bars, item))
			continue;
		write_parts(script, bars, item);
		fprintf(plot,
			"%s$item%d using 1:2:3:4:5:6 with boxxyerror fillstyle solid noborder "
			"lc rgb '%s' title '%s'",
			comma, item, bars_colour((enum bill_item)item), bill_item_names[item]);
		comma = ", ";
	}
}

int bars_draw(FILE *script, struct figure *figure, const struct bars *bars)
{
	char *terms = NULL;
	size_t room;
	FILE *plot;
	int error;

	if (!bars->count)
		return -ENODATA;
	plot = open_memstream(&terms, &room);
	if (!plot)
		return -ENOMEM;
	plan(figure, bars);
	figure_open(script, figure);
	write_bars(script, plot, figure, bars);
	error = fclose(plot) ? -ENOMEM : 0;
	if (!error)
		figure_close(script, figure, terms);
	free(terms);
	return error;
}
