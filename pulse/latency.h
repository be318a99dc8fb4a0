/*
 * latency.h - a histogram as text that HdrHistogram's plotting tools read.
 */
#ifndef PULSE_LATENCY_H
#define PULSE_LATENCY_H

#include <stdio.h>

#include "pulse/histogram.h"

/*
 * Writes the percentiles, five to each halving of what is left up to 100 %, in milliseconds; then
 * mean, standard deviation and maximum. Returns 0 or -errno.
 */
int latency_write(const struct histogram *histogram, FILE *file);

#endif
