/*
 * spread.h - the middle and the ends of what repeats measured, for drawing.
 */
#ifndef ANALYSIS_SPREAD_H
#define ANALYSIS_SPREAD_H

#include <stddef.h>

struct spread {
	double middle, low, high; /* median, least and most; all NAN when nothing is known */
};

/* Values that are NAN do not count. values is reordered. */
struct spread spread_of(double *values, size_t count);

#endif
