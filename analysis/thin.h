/*
 * thin.h - as much of a step function as a figure can show.
 */
#ifndef ANALYSIS_THIN_H
#define ANALYSIS_THIN_H

#include <stddef.h>
#include <stdint.h>

struct dot {
	uint64_t time;
	double value;
};

/*
 * Thins dots (times ascend) in place for a figure that is so many columns of pixels wide between
 * from and to, and returns how many are left. A column keeps its first, lowest, highest and last
 * value, so that no peak and no step is lost; a dot that only repeats the value before it goes,
 * but the very last one stays.
 */
size_t thin(struct dot *dots, size_t count, uint64_t from, uint64_t to, size_t columns);

#endif
