/*
 * histogram.c - latencies in log-linear buckets. See histogram.h.
 *
 * Values below 128 have a bucket each. Above, the highest bit of a value names its octave, and the
 * seven bits behind that the bucket within.
 */
#include "pulse/histogram.h"

#include <math.h>
#include <string.h>
#include <sys/param.h>

static unsigned int bucket_of(uint64_t value)
{
	unsigned int octave;

	if (value < 1u << HISTOGRAM_PRECISION)
		return (unsigned int)value;
	octave = 63 - (unsigned int)__builtin_clzll(value) - HISTOGRAM_PRECISION;
	return (octave << HISTOGRAM_PRECISION) + (unsigned int)(value >> octave);
}

uint64_t histogram_top(unsigned int bucket)
{
	unsigned int octave = bucket >> HISTOGRAM_PRECISION;
	uint64_t within;

	if (octave < 2)
		return bucket;
	octave--;
	within = bucket - (octave << HISTOGRAM_PRECISION);
	return ((within + 1) << octave) - 1;
}

void histogram_clear(struct histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
}

void histogram_record(struct histogram *histogram, uint64_t value)
{
	histogram->count++;
	histogram->max = MAX(histogram->max, value);
	if (value < HISTOGRAM_LIMIT)
		histogram->buckets[bucket_of(value)]++;
	else
		histogram->out_of_range++;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
	histogram->count += other->count;
	histogram->out_of_range += other->out_of_range;
	histogram->max = MAX(histogram->max, other->max);
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram->buckets[i] += other->buckets[i];
}

uint64_t histogram_percentile(const struct histogram *histogram, double share)
{
	/* Rounding must not make rank 9901 of 0.99 x 10,000. */
	uint64_t rank = (uint64_t)ceil(share * (double)histogram->count - 1e-6);
	uint64_t seen = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen && seen >= rank)
			return MIN(histogram_top(i), histogram->max);
	}
	return histogram->max;
}
