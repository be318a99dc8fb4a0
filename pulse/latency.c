/*
 * latency.c - a histogram in HdrHistogram's text form. See latency.h.
 *
 * The form is that of hdr_percentiles_print() in HdrHistogram_c with five ticks a half distance:
 * https://github.com/HdrHistogram/HdrHistogram_c. Values out of range count as the maximum.
 */
#include "pulse/latency.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <sys/param.h>

#define TICKS	  5.0
#define NS_PER_MS 1e6

/* The place behind one: the closer to the end, the smaller the step. */
static double next_tick(double percentile)
{
	double halvings = floor(log2(100 / (100 - percentile))) + 1;

	return percentile + 100 / (TICKS * exp2(halvings));
}

static void write_line(FILE *file, double value, double share, uint64_t seen)
{
	fprintf(file, "%12.3f %12.12f %10" PRIu64, value / NS_PER_MS, share, seen);
	if (share < 1)
		fprintf(file, " %14.2f\n", 1 / (1 - share));
	else
		fprintf(file, " %14s\n", "inf");
}

/* The value that ends a bucket; behind the last one, the maximum. */
static double value_at(const struct histogram *histogram, unsigned int bucket)
{
	return bucket < HISTOGRAM_BUCKETS ? (double)MIN(histogram_top(bucket), histogram->max)
					  : (double)histogram->max;
}

static uint64_t count_at(const struct histogram *histogram, unsigned int bucket)
{
	return bucket < HISTOGRAM_BUCKETS ? histogram->buckets[bucket] : histogram->out_of_range;
}

static void write_percentiles(const struct histogram *histogram, FILE *file)
{
	double total = (double)histogram->count, percentile = 0;
	uint64_t seen = 0;

	for (unsigned int i = 0; i <= HISTOGRAM_BUCKETS && seen < histogram->count; i++) {
		seen += count_at(histogram, i);
		while (count_at(histogram, i) && seen < histogram->count &&
		       (double)seen * 100 / total >= percentile) {
			write_line(file, value_at(histogram, i), percentile / 100, seen);
			percentile = next_tick(percentile);
		}
	}
	write_line(file, (double)histogram->max, 1, histogram->count);
}

/* Of the middles of the buckets, as HdrHistogram does it. */
static double middle(const struct histogram *histogram, unsigned int bucket)
{
	double below = bucket ? (double)histogram_top(bucket - 1) + 1 : 0;

	return bucket < HISTOGRAM_BUCKETS ? (below + (double)histogram_top(bucket)) / 2
					  : (double)histogram->max;
}

static double moment(const struct histogram *histogram, double around, int power)
{
	double sum = 0;

	for (unsigned int i = 0; i <= HISTOGRAM_BUCKETS; i++)
		if (count_at(histogram, i))
			sum += (double)count_at(histogram, i) *
			       pow(middle(histogram, i) - around, power);
	return histogram->count ? sum / (double)histogram->count : 0;
}

static void write_text(const struct histogram *histogram, FILE *file)
{
	double mean = moment(histogram, 0, 1);

	fprintf(file, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
		"1/(1-Percentile)");
	write_percentiles(histogram, file);
	fprintf(file, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", mean / NS_PER_MS,
		sqrt(moment(histogram, mean, 2)) / NS_PER_MS);
	fprintf(file, "#[Max     = %12.3f, Total count    = %12" PRIu64 "]\n",
		(double)histogram->max / NS_PER_MS, histogram->count);
	fprintf(file, "#[Buckets = %12d, SubBuckets     = %12d]\n",
		HISTOGRAM_BUCKETS >> HISTOGRAM_PRECISION, 1 << HISTOGRAM_PRECISION);
}

/* In one write, so that the reason why it failed is known. */
int latency_write(const struct histogram *histogram, FILE *file)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);
	int error = 0;

	if (!memory)
		return -errno;
	write_text(histogram, memory);
	if (fclose(memory) || fwrite(text, 1, size, file) != size || fflush(file))
		error = -errno;
	free(text);
	return error;
}
