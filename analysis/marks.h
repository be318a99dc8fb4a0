/*
 * marks.h - when memory was given back, and by whom, as few marks for a curve.
 */
#ifndef ANALYSIS_MARKS_H
#define ANALYSIS_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/evidence.h"

enum mark_cause {
	MARK_POLICY,
	MARK_ALLOCATOR,
	MARK_UNKNOWN,
	MARK_CAUSES
};

struct mark {
	uint64_t time; /* of the first of its events */
	enum mark_cause cause;
	double bytes; /* freed or swapped out by all of them */
};

/*
 * Gives an array for the caller to free, by cause and then by time. Events of one cause that begin
 * within width ns of the first of them are one mark; a mark of less than least bytes is left out.
 * Returns 0 or -ENOMEM.
 */
int marks_find(struct mark **marks, size_t *count, const struct evidence *evidence, uint64_t width,
	       double least);

#endif
