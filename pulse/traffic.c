/*
 * traffic.c - what came of the operations of a phase. See traffic.h.
 */
#include "pulse/traffic.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/param.h>

#include "server/base/units.h"

int active_parse(const char *text, struct active *active)
{
	uint64_t count = UINT64_MAX;
	double share = 0;
	int error = strchr(text, '%') ? parse_share(text, &share) : parse_count(text, &count);

	if (error)
		return error;
	if (!count || (count == UINT64_MAX && share <= 0))
		return -EINVAL;
	*active = (struct active){ count, share };
	return 0;
}

uint64_t active_count(const struct active *active, uint64_t open)
{
	if (active->count != UINT64_MAX)
		return MIN(active->count, open);
	return open ? MAX((uint64_t)llround(active->share * (double)open), 1) : 0;
}

void traffic_clear(struct traffic *traffic)
{
	memset(traffic, 0, sizeof(*traffic));
}

void traffic_count(struct traffic *traffic, uint64_t now)
{
	if (traffic->begin && now >= traffic->begin && now <= traffic->end)
		traffic->operations++;
	else
		traffic->outside++;
}

void traffic_end(struct traffic *traffic, uint64_t now)
{
	if (!traffic->begin || traffic->windows)
		return;
	traffic->end = MAX(traffic->begin, MIN(traffic->end, now));
	traffic->windows = 1;
	traffic->length = traffic->end - traffic->begin;
}

/* One that had no window takes no part in it. */
static void merge_window(struct traffic *traffic, const struct traffic *other)
{
	if (!other->begin)
		return;
	if (!traffic->begin) {
		traffic->begin = other->begin;
		traffic->end = other->end;
		return;
	}
	traffic->begin = MAX(traffic->begin, other->begin);
	traffic->end = MAX(traffic->begin, MIN(traffic->end, other->end));
}

void traffic_merge(struct traffic *traffic, const struct traffic *other)
{
	merge_window(traffic, other);
	traffic->windows += other->windows;
	traffic->length += other->length;
	traffic->operations += other->operations;
	traffic->outside += other->outside;
	traffic->unsent += other->unsent;
	traffic->wrong += other->wrong;
	traffic->timeouts += other->timeouts;
	traffic->late += other->late;
	traffic->bytes_sent += other->bytes_sent;
	traffic->bytes_received += other->bytes_received;
	histogram_merge(&traffic->corrected, &other->corrected);
	histogram_merge(&traffic->raw, &other->raw);
}

bool traffic_any(const struct traffic *traffic)
{
	return traffic->bytes_sent || traffic->bytes_received || traffic->unsent;
}

double traffic_rate(const struct traffic *traffic)
{
	if (!traffic->length)
		return 0;
	return (double)traffic->operations * 1e9 * (double)traffic->windows /
	       (double)traffic->length;
}

static uint64_t percentile(const struct histogram *histogram, double share)
{
	return histogram->count ? histogram_percentile(histogram, share) : RECORD_ABSENT;
}

void traffic_describe(const struct traffic *traffic, const struct phase *phase,
		      struct traffic_row *row)
{
	const struct histogram *corrected = &traffic->corrected, *raw = &traffic->raw;

	*row = (struct traffic_row){
		.number = phase->number,
		.begin = traffic->begin ? traffic->begin : RECORD_ABSENT,
		.end = traffic->begin ? traffic->end : RECORD_ABSENT,
		.length = traffic->windows ? traffic->length / traffic->windows : RECORD_ABSENT,
		.operations = traffic->operations,
		.outside = traffic->outside,
		.unsent = traffic->unsent,
		.wrong = traffic->wrong,
		.timeouts = traffic->timeouts,
		.late = traffic->late,
		.bytes_sent = traffic->bytes_sent,
		.bytes_received = traffic->bytes_received,
		.p50 = percentile(corrected, 0.5),
		.p90 = percentile(corrected, 0.9),
		.p99 = percentile(corrected, 0.99),
		.p999 = percentile(corrected, 0.999),
		.max = corrected->count ? corrected->max : RECORD_ABSENT,
		.raw_p50 = percentile(raw, 0.5),
		.raw_p90 = percentile(raw, 0.9),
		.raw_p99 = percentile(raw, 0.99),
		.raw_p999 = percentile(raw, 0.999),
		.raw_max = raw->count ? raw->max : RECORD_ABSENT,
		.out_of_range = corrected->out_of_range + raw->out_of_range,
	};
	memcpy(row->name, phase->name, sizeof(row->name));
}
