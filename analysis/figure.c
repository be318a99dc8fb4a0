/*
 * figure.c - the look that all figures share, and what is read from them. See figure.h.
 */
#include "analysis/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/gnuplot.h"

/* In pixels of the SVG's own size. */
#define TITLE_HIGH 28 /* of one line, with the room below it */
#define TITLE_LINE 20 /* of each further one */
#define TITLE_FONT 16
#define FONT	   14 /* of all else, and what FIGURE_LETTER is for */
#define KEY_HIGH   20 /* a row of the key */
#define BOTTOM	   60

/*
 * Okabe and Ito's colours, which people with any colour vision can tell apart (Wong, Nature Methods
 * 2011), the blue a little lighter; those first that stand out from white and from black.
 */
static const char *const palette[] = { "#1F83C6", "#D55E00", "#009E73", "#CC79A7",
				       "#E69F00", "#56B4E9", "#8A8A8A" };

#define COLOURS (sizeof(palette) / sizeof(palette[0]))

const char *figure_colour(size_t place)
{
	return palette[place % COLOURS];
}

/* In pixels; periods without a common multiple, so that none covers another all along. */
static const char *const dashes[] = { "solid", "(11,6)", "(5,6)",	 "(16,4,3,4)",
				      "(3,4)", "(22,7)", "(8,3,2,3,2,3)" };

/* Full square, circle, triangles, diamond; then open ones. */
static const int shapes[] = { 7, 5, 9, 13, 11, 6, 4 };

const char *figure_dashes(size_t place)
{
	return dashes[place % COLOURS];
}

int figure_shape(size_t place)
{
	return shapes[place % COLOURS];
}

static int left_of(const struct figure *figure)
{
	return figure->left ? figure->left : FIGURE_LEFT;
}

static int right_of(const struct figure *figure)
{
	return figure->right ? figure->right : FIGURE_RIGHT;
}

/*
 * A column of the key, which gnuplot makes as wide as the longest entry at KEY_LETTER a letter and
 * KEY_SAMPLE for line or point. It takes letters for wider than they are: key_width() makes up for
 * that.
 */
#define KEY_LETTER 9.8
#define KEY_SAMPLE 46

/* What is to be added to the length of the longest entry, in gnuplot's letters. */
static double key_width(const struct figure *figure)
{
	return 1 - (1 - FIGURE_LETTER / KEY_LETTER) * (double)figure->key_longest;
}

/* Entries that are too long for the figure are smaller: cut off, two might read the same. */
static double key_font(const struct figure *figure)
{
	double room = FIGURE_WIDTH - left_of(figure) - KEY_SAMPLE;
	double text = FIGURE_LETTER * (double)MAX(figure->key_longest, 1u);

	return FONT * MIN(1, room / text);
}

/* The last column may reach up to the right edge. */
static int key_columns(const struct figure *figure)
{
	double text = FIGURE_LETTER * (double)figure->key_longest;
	double column = text + KEY_LETTER + KEY_SAMPLE;
	double room = FIGURE_WIDTH - left_of(figure) - KEY_SAMPLE - text;

	return 1 + MAX(0, (int)(room / column));
}

static int key_rows(const struct figure *figure)
{
	int columns = key_columns(figure);

	return ((int)figure->key_entries + columns - 1) / columns;
}

/*
 * The length of the title's next line: what fits, up to a space; a word that is too long for a line
 * has one of its own, and is cut off at the edge.
 */
static size_t title_line(const struct figure *figure, const char *title)
{
	double letter = FIGURE_LETTER * TITLE_FONT / FONT;
	size_t fits = (size_t)((FIGURE_WIDTH - left_of(figure)) / letter);
	size_t length = strlen(title);

	if (length <= fits)
		return length;
	for (length = fits; length && title[length] != ' '; length--)
		;
	return length ? length : strcspn(title, " ");
}

static const char *skip_line(const struct figure *figure, const char *title)
{
	title += title_line(figure, title);
	return title + strspn(title, " ");
}

static int title_high(const struct figure *figure)
{
	int high = TITLE_HIGH - TITLE_LINE;

	for (const char *rest = figure->title; *rest; rest = skip_line(figure, rest))
		high += TITLE_LINE;
	return MAX(high, TITLE_HIGH);
}

static void write_title(FILE *script, const struct figure *figure, int high)
{
	double y = TITLE_HIGH * 0.55;

	for (const char *rest = figure->title; *rest; rest = skip_line(figure, rest)) {
		char line[FIGURE_TITLE];

		snprintf(line, sizeof(line), "%.*s", (int)title_line(figure, rest), rest);
		fprintf(script, "set label ");
		gnuplot_string(script, line);
		fprintf(script, " at screen %f, screen %f left font ',%d'\n",
			(double)left_of(figure) / FIGURE_WIDTH, 1 - y / high, TITLE_FONT);
		y += TITLE_LINE;
	}
}

static int above_of(const struct figure *figure)
{
	return title_high(figure) + KEY_HIGH * key_rows(figure) + figure->labels;
}

static int height_of(const struct figure *figure)
{
	return above_of(figure) + figure->high + BOTTOM;
}

static void write_axis(FILE *script, char name, const struct axis *axis)
{
	fprintf(script, "set %crange [%.9g:%.9g]\n", name, axis->from, axis->to);
	if (axis->logarithmic)
		fprintf(script, "set logscale %c\n", name);
	fprintf(script, "set %clabel ", name);
	gnuplot_string(script, axis->label);
	fputs(name == 'x' ? " offset 0,0.4\n" : " offset 1.6,0\n", script);
}

void figure_open(FILE *script, const struct figure *figure)
{
	int high = height_of(figure);

	fprintf(script, "reset\nset encoding utf8\n");
	fprintf(script, "set lmargin at screen %f\nset rmargin at screen %f\n",
		(double)left_of(figure) / FIGURE_WIDTH,
		1 - (double)right_of(figure) / FIGURE_WIDTH);
	fprintf(script, "set tmargin at screen %f\nset bmargin at screen %f\n",
		1 - (double)above_of(figure) / high, (double)BOTTOM / high);
	write_axis(script, 'x', &figure->x);
	write_axis(script, 'y', &figure->y);
	fprintf(script, "set border 3 lw 0.8\nset tics out nomirror scale 0.5\n");
	fprintf(script, "set grid y lt 1 lc rgb '#808080' lw 0.25\n");
	fprintf(script,
		"set key at graph 0, screen %f left top Left reverse vertical "
		"maxrows %d samplen 1.6 width %.2f font ',%.1f'\n",
		1 - (double)title_high(figure) / high, MAX(1, key_rows(figure)), key_width(figure),
		key_font(figure));
	write_title(script, figure, high);
}

void figure_close(FILE *script, const struct figure *figure, const char *terms)
{
	int high = height_of(figure);

	fprintf(script, "set terminal svg size %d,%d noenhanced font 'sans-serif,14'\n",
		FIGURE_WIDTH, high);
	fprintf(script, "set output '%s.svg'\nplot %s\n", figure->file, terms);
	/* A pixel becomes a point, so that both have the same proportions; the font that stands in
	 * for a missing one is wider than a browser's, and lines are thinner than in SVG. */
	fprintf(script,
		"set terminal pdfcairo size %.4fin,%.4fin noenhanced font 'sans-serif,14' "
		"fontscale 0.86 linewidth 1.5 pointscale 1.5\n",
		FIGURE_WIDTH / 72.0, high / 72.0);
	fprintf(script, "set output '%s.pdf'\nreplot\nset output\n", figure->file);
}

int figure_wide(const struct figure *figure)
{
	return FIGURE_WIDTH - left_of(figure) - right_of(figure);
}

static double share_of(const struct axis *axis, double value)
{
	double share = (value - axis->from) / (axis->to - axis->from);

	if (axis->logarithmic)
		share = log(value / axis->from) / log(axis->to / axis->from);
	return isfinite(share) ? share : 0;
}

double figure_pixel(const struct figure *figure, double x)
{
	return share_of(&figure->x, x) * figure_wide(figure);
}

double figure_pixel_up(const struct figure *figure, double y)
{
	return share_of(&figure->y, y) * figure->high;
}

static json_t *add_series(struct figure *figure)
{
	json_t *series = json_object();

	if (!figure->readings)
		figure->readings = json_array();
	if (json_array_append_new(figure->readings, series))
		return NULL;
	return series;
}

json_t *figure_line(struct figure *figure, const char *name, const char *colour)
{
	json_t *line = add_series(figure);

	json_object_set_new(line, "name", json_string(name));
	json_object_set_new(line, "colour", json_string(colour));
	json_object_set_new(line, "x", json_array());
	json_object_set_new(line, "y", json_array());
	return line;
}

void figure_add(json_t *line, double x, double y, const char *note)
{
	json_array_append_new(json_object_get(line, "x"), json_real(x));
	json_array_append_new(json_object_get(line, "y"), json_real(y));
	if (!note)
		return;
	if (!json_object_get(line, "notes"))
		json_object_set_new(line, "notes", json_array());
	json_array_append_new(json_object_get(line, "notes"), json_string(note));
}

void figure_point(struct figure *figure, const char *colour, double x, double y, const char *text)
{
	json_t *point = add_series(figure);

	json_object_set_new(point, "name", json_string(text));
	json_object_set_new(point, "colour", json_string(colour));
	json_object_set_new(point, "x", json_pack("[f]", x));
	json_object_set_new(point, "y", json_pack("[f]", y));
}

static json_t *pack_axis(const struct axis *axis)
{
	return json_pack("{s:f, s:f, s:b, s:s, s:s}", "from", axis->from, "to", axis->to, "log",
			 axis->logarithmic, "name", axis->name, "unit", axis->unit);
}

char *figure_readings(const struct figure *figure)
{
	int high = height_of(figure), above = above_of(figure);
	json_t *object;
	char *text;

	if (!json_array_size(figure->readings))
		return NULL;
	object = json_pack("{s:s, s:[i,i,i,i], s:[i,i], s:o, s:o, s:O}", "kind", figure->kind,
			   "plot", left_of(figure), above, FIGURE_WIDTH - right_of(figure),
			   above + figure->high, "size", FIGURE_WIDTH, high, "x",
			   pack_axis(&figure->x), "y", pack_axis(&figure->y), "series",
			   figure->readings);
	text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(5));
	json_decref(object);
	return text;
}

void figure_free(struct figure *figure)
{
	json_decref(figure->readings);
	figure->readings = NULL;
}
