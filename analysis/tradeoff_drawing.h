/*
 * tradeoff_drawing.h - what the files that draw benefit against cost share. See tradeoff.h.
 */
#ifndef ANALYSIS_TRADEOFF_DRAWING_H
#define ANALYSIS_TRADEOFF_DRAWING_H

#include "analysis/crowd.h"
#include "analysis/tradeoff.h"

struct drawing {
	const struct tradeoff *tradeoff;
	const struct summary *summary;
	const struct panels *panels;
	const struct spread *paid;
	const bool *front;
	struct figure *figure;
	size_t *groups; /* of each row: which form it has, counted from 0 */
	size_t group_count;
	bool brief;	    /* forms tell the policy alone */
	struct spot *spots; /* of each row */
	struct box *taken;  /* where no name may stand: the front, crosses, other names */
	size_t taken_count;
	enum price price;
	size_t load;
};

/* Has the row a point in this figure? */
bool drawing_has(const struct drawing *drawing, size_t row);

/* No name stands on this line, from its lower left end to the upper right one, in pixels. */
void drawing_take(struct drawing *drawing, double left, double bottom, double right, double top);

/* Nor on the cross through the row's point, from the lowest of its repeats to the highest. */
void drawing_take_cross(struct drawing *drawing, size_t row);

/* Finds where the points are; the figure has its axes. */
void drawing_find_spots(struct drawing *drawing);

/* Writes the allocators' names beside the points, where there is room. */
void drawing_write_names(FILE *script, struct drawing *drawing);

#endif
