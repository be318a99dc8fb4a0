/*
 * curve.h - held and live over time, as step functions.
 *
 * A value holds from its sample to the next one, however far that is: samples come unevenly and
 * with gaps, and all that is computed here weighs each value by the time for which it held.
 */
#ifndef ANALYSIS_CURVE_H
#define ANALYSIS_CURVE_H

#include <stddef.h>
#include <stdint.h>

#include "analysis/recording.h"

enum curve_line {
	CURVE_HELD,
	CURVE_LIVE,
	CURVE_LINES
};

struct curve_point {
	uint64_t time;
	double value[CURVE_LINES]; /* bytes; NAN where it is unknown */
};

struct curve {
	struct curve_point *points; /* times ascend */
	size_t count;
};

/* Part of a curve, from one moment to another. points[0] is the one that holds at from. */
struct span {
	const struct curve_point *points;
	size_t count; /* 0: the curve has nothing to say about that time */
	uint64_t from, to;
};

/*
 * held = anon - LazyFree + swap, the last two from rollups (none yet: 0), never below 0. Swap is
 * that of the newest one. LazyFree may be too low between rollups, never too high: where no traffic
 * lies between two of them, the smaller value (it rises as the allocator advises, then falls as
 * pages are dropped; only traffic brings it up again); elsewhere the newest one's, but 0 once there
 * has been traffic or a release. Traffic is what the server counted; else a warm-up, burst or
 * trickle. A sample without anon is left out; one without live bytes (a foreign server) has NAN.
 * Returns 0 or -ENOMEM; curve_free() releases it.
 */
int curve_build(struct curve *curve, const struct recording *recording);

void curve_free(struct curve *curve);

/* Begins later than from where the curve does. */
struct span curve_span(const struct curve *curve, uint64_t from, uint64_t to);

/* When the i-th value of a span begins and ends to hold. */
uint64_t span_start(const struct span *span, size_t i);
uint64_t span_end(const struct span *span, size_t i);

/*
 * The lowest value that the line stays at or below for half of the span. Returns 0, -ENODATA for a
 * span without length or with unknown values, or -ENOMEM.
 */
int span_median(const struct span *span, enum curve_line line, double *median);

/*
 * The lowest such median of held over any stretch of the given width (ns) inside the span, or over
 * all of a shorter span, and when such a stretch begins. Exact: no stretch has a lower one,
 * wherever between two samples it begins. Returns as span_median() does.
 */
int span_lowest_median(const struct span *span, uint64_t width, double *median, uint64_t *begin);

#endif
