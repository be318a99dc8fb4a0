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
#define WIDTH	   760
#define RIGHT	   24
#define TITLE_HIGH 26
#define KEY_HIGH   20
#define BAR_HIGH   36
#define BOTTOM	   66
#define LETTER	   7.4
#define KEY_COLUMN 130 /* of the key: a swatch and "socket inode" */
#define DIGIT	   9.5 /* with some air, to judge what fits into a part of a bar */

const char *bars_colour(enum bill_item item)
{
	/* There is no eighth colour in the figures of curves. */
	return item == BILL_OTHER ? "#F0E442" : figure_colour(item);
}

/* The first bill in which connections were counted is the one that others have to agree with. */
static bool all_agree(const struct experiment *experiment)
{
	struct bill first = { 0 }, bill;

	for (size_t i = 0; i < experiment->count; i++) {
		const struct run *run = &experiment->runs[i];

		if (run->is_void || !bill_find(&bill, &run->recording.evidence) ||
		    !bill.connections)
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

		if (!bill_find(&bar->bill, &run->recording.evidence) || !bar->bill.connections)
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

struct layout {
	double left;  /* pixels before the bars, for their names */
	double range; /* bytes at the right end */
	int items;    /* that occur at all */
	int rows;     /* of the key */
};

static bool occurs(const struct bars *bars, int item)
{
	for (size_t i = 0; i < bars->count; i++)
		if (bars->list[i].bill.items[item] > 0)
			return true;
	return false;
}

static struct layout plan(const struct bars *bars)
{
	struct layout layout = { .left = RIGHT };
	int columns;

	for (size_t i = 0; i < bars->count; i++) {
		double name = LETTER * (double)strlen(bars->list[i].name) + RIGHT;

		layout.left = fmin(fmax(layout.left, name), WIDTH / 2.5);
		layout.range = fmax(layout.range, length_of(&bars->list[i]));
	}
	/* Room for the sum behind the longest bar. */
	layout.range = fmax(1, layout.range * 1.14);
	for (int i = 0; i < BILL_ITEMS; i++)
		layout.items += occurs(bars, i);
	columns = (WIDTH - 2 * RIGHT) / KEY_COLUMN;
	layout.rows = (layout.items + columns - 1) / columns;
	return layout;
}

static void write_head(FILE *script, const struct bars *bars, const struct layout *layout)
{
	int above = TITLE_HIGH + KEY_HIGH * layout->rows + 8;
	int high = above + BAR_HIGH * (int)bars->count + BOTTOM;

	fprintf(script, "set encoding utf8\n");
	fprintf(script, "set terminal svg size %d,%d noenhanced font 'sans-serif,14'\n", WIDTH,
		high);
	fprintf(script, "set lmargin at screen %f\nset rmargin at screen %f\n",
		layout->left / WIDTH, 1 - (double)RIGHT / WIDTH);
	fprintf(script, "set tmargin at screen %f\nset bmargin at screen %f\n",
		1 - (double)above / high, (double)BOTTOM / high);
	fprintf(script, "set xrange [0:%f]\nset yrange [%f:-0.5]\n", layout->range,
		(double)bars->count - 0.5);
	fprintf(script, "set border 1 lw 0.8\nset xtics out nomirror scale 0.5\nunset ytics\n");
	fprintf(script, "set xlabel 'bytes of kernel memory for one connection, at the server' "
			"offset 0,0.2\n");
	fprintf(script,
		"set key at screen %f, screen %f left top Left reverse horizontal "
		"maxrows %d samplen 1.2 width -1\n",
		(double)RIGHT / WIDTH, 1 - (double)TITLE_HIGH / high, layout->rows);
	fprintf(script,
		"set label 'kernel memory of a connection' at screen %f, screen %f left "
		"font ',16'\n",
		(double)RIGHT / WIDTH, 1 - TITLE_HIGH * 0.6 / high);
}

/* Its name before it, its sum behind it, and in its parts their bytes where there is room. */
static void write_labels(FILE *script, const struct layout *layout, const struct bar *bar, size_t i)
{
	double scale = (WIDTH - layout->left - RIGHT) / layout->range;
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

int bars_script(FILE *script, const struct bars *bars)
{
	struct layout layout = plan(bars);
	const char *comma = "plot ";

	write_head(script, bars, &layout);
	for (size_t i = 0; i < bars->count; i++)
		write_labels(script, &layout, &bars->list[i], i);
	for (int item = 0; item < BILL_ITEMS; item++)
		if (occurs(bars, item))
			write_parts(script, bars, item);
	for (int item = 0; item < BILL_ITEMS; item++) {
		if (!occurs(bars, item))
			continue;
		fprintf(script,
			"%s$item%d using 1:2:3:4:5:6 with boxxyerror fillstyle solid noborder "
			"lc rgb '%s' title '%s'",
			comma, item, bars_colour((enum bill_item)item), bill_item_names[item]);
		comma = ", ";
	}
	fputc('\n', script);
	return ferror(script) ? -EIO : 0;
}
