/*
 * curve.c - held and live over time. See curve.h.
 */
#include "analysis/curve.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

static double known(uint64_t number)
{
	return number == RECORD_ABSENT ? NAN : (double)number;
}

static double known_or_zero(uint64_t number)
{
	return number == RECORD_ABSENT ? 0 : (double)number;
}

/* Connections come, talk or go in these phases. */
static bool is_busy(const struct phase *phase)
{
	return !strcmp(phase->name, "warmup") || !strcmp(phase->name, "burst") ||
	       !strcmp(phase->name, "trickle");
}

/* A server that is not ours does not count its connections: what pulse did has to do. */
static bool phases_have_traffic(const struct recording *recording, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < recording->phase_count; i++) {
		const struct phase *phase = &recording->phases[i];

		if (is_busy(phase) && phase->start <= to && phase->end >= from)
			return true;
	}
	return false;
}

/* Between the sample before the i-th and that one. */
static bool has_traffic(const struct recording *recording, size_t i)
{
	const struct sample *sample = &recording->samples[i];
	const struct sample *last = i ? sample - 1 : sample;

	if (sample->opened == RECORD_ABSENT)
		return phases_have_traffic(recording, last->time, sample->time);
	return sample->opened != last->opened || sample->closed != last->closed ||
	       sample->live_bytes != last->live_bytes || sample->state_bytes != last->state_bytes;
}

static bool has_release(const struct recording *recording, size_t i)
{
	return i && recording->samples[i].releases != recording->samples[i - 1].releases;
}

/* The number of samples before that moment. */
static size_t samples_before(const struct recording *recording, uint64_t time)
{
	size_t low = 0, count = recording->sample_count;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (recording->samples[middle].time < time)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

static void add_point(struct curve *curve, const struct sample *sample, double correction)
{
	struct curve_point *point = &curve->points[curve->count];

	if (sample->anon == RECORD_ABSENT)
		return;
	point->time = sample->time;
	point->value[CURVE_HELD] = fmax((double)sample->anon + correction, 0);
	point->value[CURVE_LIVE] = known(sample->live_bytes);
	curve->count++;
}

/* The samples from a rollup to the next, first to end; next is NULL behind the last one. */
static void add_stretch(struct curve *curve, const struct recording *recording,
			const struct rollup *rollup, const struct rollup *next, size_t first,
			size_t end)
{
	double swap = known_or_zero(rollup->swap), lazyfree = known_or_zero(rollup->lazyfree);
	bool confirmed = next != NULL;

	for (size_t i = first; confirmed && i <= end && i < recording->sample_count; i++)
		confirmed = !has_traffic(recording, i);
	if (confirmed)
		lazyfree = fmin(lazyfree, known_or_zero(next->lazyfree));
	for (size_t i = first; i < end; i++) {
		if (!confirmed && (has_traffic(recording, i) || has_release(recording, i)))
			lazyfree = 0;
		add_point(curve, &recording->samples[i], swap - lazyfree);
	}
}

int curve_build(struct curve *curve, const struct recording *recording)
{
	static const struct rollup none = { 0 };
	size_t first = 0;

	curve->count = 0;
	curve->points = calloc(MAX(recording->sample_count, 1u), sizeof(*curve->points));
	if (!curve->points)
		return -ENOMEM;
	for (size_t i = 0; i <= recording->rollup_count; i++) {
		const struct rollup *rollup = i ? &recording->rollups[i - 1] : &none;
		const struct rollup *next = i < recording->rollup_count ? &recording->rollups[i]
									: NULL;
		size_t end = next ? samples_before(recording, next->time) : recording->sample_count;

		add_stretch(curve, recording, rollup, next, first, end);
		first = end;
	}
	return 0;
}

void curve_free(struct curve *curve)
{
	free(curve->points);
	curve->points = NULL;
	curve->count = 0;
}

/* How many points lie at or before that moment. */
static size_t count_until(const struct curve_point *points, size_t count, uint64_t time)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (points[middle].time <= time)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

struct span curve_span(const struct curve *curve, uint64_t from, uint64_t to)
{
	struct span span = { .from = from, .to = to };
	size_t first = count_until(curve->points, curve->count, from);
	size_t end = count_until(curve->points, curve->count, to);

	if (first)
		first--;
	else if (end)
		span.from = curve->points[0].time;
	if (end > first && to >= span.from) {
		span.points = curve->points + first;
		span.count = end - first;
	}
	return span;
}

uint64_t span_start(const struct span *span, size_t i)
{
	return MAX(span->points[i].time, span->from);
}

uint64_t span_end(const struct span *span, size_t i)
{
	return i + 1 < span->count ? MIN(span->points[i + 1].time, span->to) : span->to;
}

struct weighted {
	double value;
	uint64_t weight; /* ns */
};

static int by_value(const void *a, const void *b)
{
	double x = ((const struct weighted *)a)->value, y = ((const struct weighted *)b)->value;

	return (x > y) - (x < y);
}

/* The values of the line in ascending order with the times that they held; the caller's. */
static int sort_values(const struct span *span, enum curve_line line, struct weighted **sorted)
{
	*sorted = NULL;
	if (!span->count || span->to <= span->from)
		return -ENODATA;
	for (size_t i = 0; i < span->count; i++)
		if (isnan(span->points[i].value[line]))
			return -ENODATA;
	*sorted = calloc(span->count, sizeof(**sorted));
	if (!*sorted)
		return -ENOMEM;
	for (size_t i = 0; i < span->count; i++)
		(*sorted)[i] = (struct weighted){ span->points[i].value[line],
						  span_end(span, i) - span_start(span, i) };
	qsort(*sorted, span->count, sizeof(**sorted), by_value);
	return 0;
}

int span_median(const struct span *span, enum curve_line line, double *median)
{
	uint64_t half = (span->to - span->from + 1) / 2;
	struct weighted *sorted;
	uint64_t held = 0;
	size_t i = 0;
	int error = sort_values(span, line, &sorted);

	if (error)
		return error;
	for (held = sorted[0].weight; held < half; held += sorted[i].weight)
		i++;
	*median = sorted[i].value;
	free(sorted);
	return 0;
}

/*
 * For how long held stays at or below a level, from the span's begin up to the begin of each value;
 * the sum up to any moment follows from that.
 */
struct below {
	const struct span *span;
	double level;
	uint64_t *sums;
};

static bool is_below(const struct below *below, size_t i)
{
	return below->span->points[i].value[CURVE_HELD] <= below->level;
}

static void below_fill(struct below *below)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < below->span->count; i++) {
		below->sums[i] = sum;
		if (is_below(below, i))
			sum += span_end(below->span, i) - span_start(below->span, i);
	}
}

static uint64_t below_until(const struct below *below, uint64_t time)
{
	const struct span *span = below->span;
	size_t i = count_until(span->points, span->count, time);

	if (i)
		i--;
	return below->sums[i] + (is_below(below, i) ? time - span_start(span, i) : 0);
}

/*
 * Is there a stretch of that width half of which lies at or below the level? As a stretch slides to
 * the right, its time below the level falls only when its begin moves through a value that lies
 * below: so it is longest at the begin of one, or as far right as it goes. Gives the earliest such
 * stretch.
 */
static bool below_for_half(struct below *below, uint64_t width, uint64_t *begin)
{
	const struct span *span = below->span;

	below_fill(below);
	for (size_t i = 0; i < span->count; i++) {
		uint64_t start = MIN(span_start(span, i), span->to - width);

		if (!is_below(below, i) ||
		    below_until(below, start + width) - below_until(below, start) < (width + 1) / 2)
			continue;
		*begin = start;
		return true;
	}
	return false;
}

int span_lowest_median(const struct span *span, uint64_t width, double *median, uint64_t *begin)
{
	struct weighted *sorted;
	struct below below = { .span = span };
	size_t low = 0, high = span->count - 1;
	int error = sort_values(span, CURVE_HELD, &sorted);

	if (error)
		return error;
	below.sums = calloc(span->count, sizeof(*below.sums));
	if (!below.sums) {
		free(sorted);
		return -ENOMEM;
	}
	width = MIN(width, span->to - span->from);
	/* The highest level always serves; halve down to the lowest one that does. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		below.level = sorted[middle].value;
		if (below_for_half(&below, width, begin))
			high = middle;
		else
			low = middle + 1;
	}
	below.level = sorted[low].value;
	below_for_half(&below, width, begin);
	*median = below.level;
	free(below.sums);
	free(sorted);
	return 0;
}
