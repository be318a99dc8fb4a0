/*
 * histogram.h - latencies, counted in buckets that grow with the value (log-linear).
 *
 * A percentile is at most 1/128 (0.8 %) above the true one and never below it; the maximum is
 * exact. Recording is a few instructions and takes no memory.
 */
#ifndef PULSE_HISTOGRAM_H
#define PULSE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_PRECISION 7		 /* bits: an octave has 128 buckets */
#define HISTOGRAM_LIMIT	    (1ull << 36) /* ns, 69 s: from here on only counted */
#define HISTOGRAM_BUCKETS   ((36 - HISTOGRAM_PRECISION + 1) << HISTOGRAM_PRECISION)

struct histogram {
	uint64_t count;	       /* of all values, those out of range as well */
	uint64_t out_of_range; /* values of HISTOGRAM_LIMIT and more */
	uint64_t max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_clear(struct histogram *histogram);
void histogram_record(struct histogram *histogram, uint64_t value);

/* Adds the values of other; the same as if all had been recorded in one. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* The highest value that falls into that bucket. */
uint64_t histogram_top(unsigned int bucket);

/*
 * The value that the share (0 to 1) of all values does not exceed; 0 when there are none. Where it
 * is out of range, the maximum.
 */
uint64_t histogram_percentile(const struct histogram *histogram, double share);

#endif
