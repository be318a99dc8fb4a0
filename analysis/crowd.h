/*
 * crowd.h - marks of a chart that lie on each other, and room for names beside them.
 *
 * Marks that would hide each other are a group: the last one stays as it is, and the others become
 * rings around it, the first one the largest. Knows neither what the marks stand for nor who draws
 * them; all is in pixels, from the lower left corner of the plot.
 */
#ifndef ANALYSIS_CROWD_H
#define ANALYSIS_CROWD_H

#include <stdbool.h>
#include <stddef.h>

#define CROWD_NEAR 9   /* marks that are closer hide each other */
#define CROWD_MARK 5.8 /* radius of one that is alone */

struct spot {
	double x, y;   /* NAN: there is no mark */
	size_t group;  /* the first spot on which it lies, which may be itself */
	double radius; /* more than CROWD_MARK: a ring */
};

struct box {
	double left, bottom, right, top;
};

/* Sets group and radius of all from where they are. */
void crowd_gather(struct spot *spots, size_t count);

/*
 * Finds room in plot for a name of that size beside a group: where it covers no mark, and nothing
 * that is there already. Returns whether there is any.
 */
bool crowd_place(struct box *name, const struct spot *spots, size_t count, size_t group,
		 const struct box *taken, size_t taken_count, const struct box *plot);

#endif
