/*
 * outcome.c - all that came of one phase. See outcome.h.
 */
#include "pulse/outcome.h"

#include <sys/param.h>

#include "pulse/losses.h"

static uint64_t percentile(const struct histogram *histogram, double share)
{
	return histogram->count ? histogram_percentile(histogram, share) : RECORD_ABSENT;
}

void outcome_describe(struct outcome *outcome)
{
	const struct histogram *connect = &outcome->connect, *raw = &outcome->connect_raw;
	struct phase *phase = &outcome->phase;

	phase->connect_p50 = percentile(connect, 0.5);
	phase->connect_p90 = percentile(connect, 0.9);
	phase->connect_p99 = percentile(connect, 0.99);
	phase->connect_max = connect->count ? connect->max : RECORD_ABSENT;
	phase->raw_p50 = percentile(raw, 0.5);
	phase->raw_p90 = percentile(raw, 0.9);
	phase->raw_p99 = percentile(raw, 0.99);
	phase->raw_max = raw->count ? raw->max : RECORD_ABSENT;
	phase->out_of_range = connect->out_of_range + raw->out_of_range;
}

/* The later of two moments, of which both may be absent. */
static uint64_t later(uint64_t a, uint64_t b)
{
	if (a == RECORD_ABSENT || b == RECORD_ABSENT)
		return MIN(a, b);
	return MAX(a, b);
}

void outcome_merge(struct outcome *outcome, const struct outcome *other)
{
	struct phase *phase = &outcome->phase;

	phase->start = MIN(phase->start, other->phase.start);
	phase->established = later(phase->established, other->phase.established);
	phase->closing = MIN(phase->closing, other->phase.closing);
	phase->end = later(phase->end, other->phase.end);
	phase->wanted += other->phase.wanted;
	phase->connected += other->phase.connected;
	phase->survivors += other->phase.survivors;
	losses_add(phase, &other->phase);
	histogram_merge(&outcome->connect, &other->connect);
	histogram_merge(&outcome->connect_raw, &other->connect_raw);
	traffic_merge(&outcome->traffic, &other->traffic);
	outcome_describe(outcome);
}
