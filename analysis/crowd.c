/*
 * crowd.c - marks that lie on each other, and room for their names. See crowd.h.
 */
#include "analysis/crowd.h"

#include <math.h>

#define RING	   4.0 /* from one ring to the next, where there is room */
#define RINGS_HIGH 16  /* of all rings of a group together */
#define GAP	   3   /* between a mark and its name */

static bool is_near(const struct spot *a, const struct spot *b)
{
	return hypot(a->x - b->x, a->y - b->y) < CROWD_NEAR;
}

void crowd_gather(struct spot *spots, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t j = 0;

		while (j < i && !(spots[j].group == j && is_near(&spots[i], &spots[j])))
			j++;
		spots[i].group = j;
	}
	for (size_t i = 0; i < count; i++) {
		size_t members = 0, within = 0;

		for (size_t j = 0; j < count; j++) {
			members += spots[j].group == spots[i].group;
			within += j > i && spots[j].group == spots[i].group;
		}
		spots[i].radius = CROWD_MARK;
		if (within)
			spots[i].radius += fmin(RING, RINGS_HIGH / (double)(members - 1)) *
					   (double)within;
	}
}

static bool boxes_meet(const struct box *a, const struct box *b)
{
	return a->left < b->right && b->left < a->right && a->bottom < b->top && b->bottom < a->top;
}

static struct box box_of(const struct spot *spot)
{
	return (struct box){ spot->x - spot->radius, spot->y - spot->radius, spot->x + spot->radius,
			     spot->y + spot->radius };
}

/* What all marks of the group cover. */
static struct box box_of_group(const struct spot *spots, size_t count, size_t group)
{
	struct box all = box_of(&spots[group]);

	for (size_t i = group + 1; i < count; i++) {
		struct box one = box_of(&spots[i]);

		if (spots[i].group != group)
			continue;
		all = (struct box){ fmin(all.left, one.left), fmin(all.bottom, one.bottom),
				    fmax(all.right, one.right), fmax(all.top, one.top) };
	}
	return all;
}

static bool is_free(const struct box *name, const struct spot *spots, size_t count,
		    const struct box *taken, size_t taken_count, const struct box *plot)
{
	if (name->left < plot->left || name->right > plot->right || name->bottom < plot->bottom ||
	    name->top > plot->top)
		return false;
	for (size_t i = 0; i < count; i++) {
		struct box mark = box_of(&spots[i]);

		if (boxes_meet(name, &mark)) /* never with a NAN */
			return false;
	}
	for (size_t i = 0; i < taken_count; i++)
		if (boxes_meet(name, &taken[i]))
			return false;
	return true;
}

bool crowd_place(struct box *name, const struct spot *spots, size_t count, size_t group,
		 const struct box *taken, size_t taken_count, const struct box *plot)
{
	const struct box marks = box_of_group(spots, count, group);
	const double width = name->right - name->left, high = name->top - name->bottom;
	const double x = (marks.left + marks.right) / 2, y = (marks.bottom + marks.top) / 2;
	const struct {
		double left, bottom;
	} places[] = {
		{ marks.right + GAP, y - high / 2 }, { marks.left - GAP - width, y - high / 2 },
		{ x - width / 2, marks.top },	     { x - width / 2, marks.bottom - high },
		{ marks.right, marks.top },	     { marks.right, marks.bottom - high },
		{ marks.left - width, marks.top },   { marks.left - width, marks.bottom - high },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		*name = (struct box){ places[i].left, places[i].bottom, places[i].left + width,
				      places[i].bottom + high };
		if (is_free(name, spots, count, taken, taken_count, plot))
			return true;
	}
	return false;
}
