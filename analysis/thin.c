/*
 * thin.c - as much of a step function as a figure can show. See thin.h.
 */
#include "analysis/thin.h"

static size_t column_of(const struct dot *dot, uint64_t from, uint64_t to, size_t columns)
{
	if (dot->time <= from || to <= from)
		return 0;
	return (size_t)((double)(dot->time - from) / (double)(to - from) * (double)columns);
}

/* Which of count dots the column keeps: moves them to kept, in order, and returns their number. */
static size_t keep(const struct dot *dots, size_t count, struct dot *kept)
{
	size_t lowest = 0, highest = 0, used = 0;

	for (size_t i = 1; i < count; i++) {
		if (dots[i].value < dots[lowest].value)
			lowest = i;
		if (dots[i].value > dots[highest].value)
			highest = i;
	}
	for (size_t i = 0; i < count; i++)
		if (i == 0 || i == lowest || i == highest || i == count - 1)
			kept[used++] = dots[i];
	return used;
}

static size_t drop_repeats(struct dot *dots, size_t count)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		if (!used || i == count - 1 || dots[i].value != dots[used - 1].value)
			dots[used++] = dots[i];
	return used;
}

size_t thin(struct dot *dots, size_t count, uint64_t from, uint64_t to, size_t columns)
{
	size_t used = 0;

	for (size_t i = 0, end; i < count; i = end) {
		size_t column = column_of(&dots[i], from, to, columns);

		for (end = i + 1; end < count; end++)
			if (column_of(&dots[end], from, to, columns) != column)
				break;
		used += keep(dots + i, end - i, dots + used);
	}
	return drop_repeats(dots, used);
}
