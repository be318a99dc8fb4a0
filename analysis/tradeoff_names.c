/*
 * tradeoff_names.c - where the points of benefit against cost are, and names beside them. See
 * tradeoff_drawing.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/gnuplot.h"
#include "analysis/tradeoff_drawing.h"

#define FONT   12 /* pixels, as LETTER */
#define LETTER (FIGURE_LETTER * FONT / 14)
#define STROKE 1.5 /* from the middle of a line to where it no longer touches a name */

bool drawing_has(const struct drawing *drawing, size_t row)
{
	return drawing->tradeoff->loads[row] == drawing->load &&
	       !isnan(drawing->paid[row].middle) && !isnan(drawing->tradeoff->waste[row].middle);
}

void drawing_take(struct drawing *drawing, double left, double bottom, double right, double top)
{
	drawing->taken[drawing->taken_count++] = (struct box){ left - STROKE, bottom - STROKE,
							       right + STROKE, top + STROKE };
}

void drawing_find_spots(struct drawing *drawing)
{
	const struct tradeoff *tradeoff = drawing->tradeoff;

	for (size_t i = 0; i < tradeoff->count; i++) {
		struct spot *spot = &drawing->spots[i];

		spot->x = spot->y = NAN;
		if (!drawing_has(drawing, i))
			continue;
		spot->x = figure_pixel(drawing->figure, drawing->paid[i].middle);
		spot->y = figure_pixel_up(drawing->figure, tradeoff->waste[i].middle);
	}
	crowd_gather(drawing->spots, tradeoff->count);
}

void drawing_take_cross(struct drawing *drawing, size_t row)
{
	const struct spread *x = &drawing->paid[row], *y = &drawing->tradeoff->waste[row];
	const struct figure *figure = drawing->figure;
	const struct spot *spot = &drawing->spots[row];

	drawing_take(drawing, figure_pixel(figure, x->low), spot->y, figure_pixel(figure, x->high),
		     spot->y);
	drawing_take(drawing, spot->x, figure_pixel_up(figure, y->low), spot->x,
		     figure_pixel_up(figure, y->high));
}

static const char *allocator_of(const struct drawing *drawing, size_t row)
{
	return drawing->summary->rows[row].first->factors[FACTOR_ALLOCATOR];
}

/* "tcmalloc, slab": the allocators of a group, each once. Returns how many. */
static size_t name_group(char name[SUMMARY_NOTE], const struct drawing *drawing, size_t group)
{
	size_t named = 0;

	name[0] = '\0';
	for (size_t i = group; i < drawing->tradeoff->count; i++) {
		size_t j = group, used = strlen(name);

		while (j < i && (drawing->spots[j].group != group ||
				 strcmp(allocator_of(drawing, j), allocator_of(drawing, i)) != 0))
			j++;
		if (drawing->spots[i].group != group || j < i)
			continue;
		snprintf(name + used, SUMMARY_NOTE - used, "%s%s", named++ ? ", " : "",
			 allocator_of(drawing, i));
	}
	return named;
}

static void write_name(FILE *script, const struct drawing *drawing, const char *name,
		       const struct box *box)
{
	fputs("set label ", script);
	gnuplot_string(script, name);
	fprintf(script, " at graph %f, graph %f left font ',%d'\n",
		box->left / figure_wide(drawing->figure),
		(box->bottom + box->top) / 2 / drawing->figure->high, FONT);
}

static void place_name(FILE *script, struct drawing *drawing, const char *name, size_t group)
{
	const struct box plot = { 0, 0, figure_wide(drawing->figure), drawing->figure->high };
	struct box *box = &drawing->taken[drawing->taken_count];

	*box = (struct box){ 0, 0, LETTER * (double)strlen(name), FONT };
	if (!crowd_place(box, drawing->spots, drawing->tradeoff->count, group, drawing->taken,
			 drawing->taken_count, &plot))
		return;
	drawing->taken_count++;
	write_name(script, drawing, name, box);
}

/* Those of several allocators come first: their marks alone are the hardest to tell. */
void drawing_write_names(FILE *script, struct drawing *drawing)
{
	char name[SUMMARY_NOTE];

	for (int several = 1; several >= 0; several--)
		for (size_t i = 0; i < drawing->tradeoff->count; i++)
			if (drawing_has(drawing, i) && drawing->spots[i].group == i &&
			    (name_group(name, drawing, i) > 1) == several)
				place_name(script, drawing, name, i);
}
