/*
 * spread.c - the middle and the ends of what repeats measured. See spread.h.
 */
#include "analysis/spread.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct spread spread_of(double *values, size_t count)
{
	size_t known = 0;

	for (size_t i = 0; i < count; i++)
		if (!isnan(values[i]))
			values[known++] = values[i];
	if (!known)
		return (struct spread){ NAN, NAN, NAN };
	qsort(values, known, sizeof(*values), by_value);
	return (struct spread){ (values[(known - 1) / 2] + values[known / 2]) / 2, values[0],
				values[known - 1] };
}
