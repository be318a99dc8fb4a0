/*
 * metrics.c - the numbers of the table. See metrics.h for their definitions.
 */
#include "analysis/metrics.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/bursts.h"
#include "analysis/ledger.h"
#include "server/base/units.h"

#define SECOND NS_PER_S /* the stretch over which base and floor are medians */

struct reckoning {
	const struct recording *recording;
	const struct curve *curve;
	struct burst *bursts;
	size_t burst_count;
	const struct burst *last;
	struct span window; /* of the last burst, from its last close */
	struct measure *metrics;
};

static void set(struct reckoning *reckoning, enum metric metric, double value)
{
	if (!isfinite(value))
		return;
	reckoning->metrics[metric] = (struct measure){ MEASURE_VALUE, value };
}

static void set_number(struct reckoning *reckoning, enum metric metric, uint64_t number)
{
	if (number != RECORD_ABSENT)
		set(reckoning, metric, (double)number);
}

/* NAN when it is absent, which then spreads to all that is reckoned from it. */
static double get(const struct reckoning *reckoning, enum metric metric)
{
	const struct measure *measure = &reckoning->metrics[metric];

	return measure->state == MEASURE_ABSENT ? NAN : measure->value;
}

static int reckon_base(struct reckoning *reckoning)
{
	const struct phase *rest = recording_phase(reckoning->recording, "rest", 0);
	struct span span;
	double median;
	int error;

	if (!rest)
		return 0;
	span = curve_span(reckoning->curve, MAX(rest->start, rest->end - MIN(rest->end, SECOND)),
			  rest->end);
	error = span_median(&span, CURVE_HELD, &median);
	if (!error)
		set(reckoning, METRIC_BASE, median);
	return error == -ENODATA ? 0 : error;
}

static void reckon_peak(struct reckoning *reckoning)
{
	const struct burst *last = reckoning->last;
	struct span span = curve_span(reckoning->curve, last->phase->start, last->end);
	double peak = -1;

	for (size_t i = 0; i < span.count; i++)
		peak = fmax(peak, span.points[i].value[CURVE_HELD]);
	if (peak >= 0)
		set(reckoning, METRIC_PEAK, peak);
}

int metrics_floor(const struct curve *curve, uint64_t from, uint64_t to, double *floor,
		  double *live)
{
	struct span quiet = curve_span(curve, from, to);
	struct span second;
	uint64_t begin;
	int error = span_lowest_median(&quiet, SECOND, floor, &begin);

	*live = NAN;
	if (error)
		return error;
	second = curve_span(curve, begin, MIN(begin + SECOND, quiet.to));
	error = span_median(&second, CURVE_LIVE, live);
	return error == -ENODATA ? 0 : error;
}

static int reckon_floor(struct reckoning *reckoning)
{
	double floor, live;
	int error = metrics_floor(reckoning->curve, reckoning->last->last_close,
				  reckoning->last->end, &floor, &live);

	if (error)
		return error == -ENODATA ? 0 : error;
	set(reckoning, METRIC_FLOOR, floor);
	set(reckoning, METRIC_LIVE, live);
	if (live > 0)
		set(reckoning, METRIC_FLOOR_LIVE, (floor - get(reckoning, METRIC_BASE)) / live);
	return 0;
}

/* held - base - live at the i-th value of the window. */
static double excess(const struct reckoning *reckoning, size_t i)
{
	const double *value = reckoning->window.points[i].value;

	return value[CURVE_HELD] - value[CURVE_LIVE] - get(reckoning, METRIC_BASE);
}

/* What the burst added: 0 or less makes every share of it meaningless, so then it is NAN. */
static double rise(const struct reckoning *reckoning)
{
	double rise = get(reckoning, METRIC_PEAK) - get(reckoning, METRIC_BASE);

	return rise > 0 ? rise : NAN;
}

static void reckon_retention(struct reckoning *reckoning, enum metric metric, uint64_t after)
{
	const struct span *window = &reckoning->window;
	uint64_t slack = (uint64_t)((double)after * METRICS_SLACK);
	uint64_t time = MIN(reckoning->last->last_close + after, window->to);
	size_t i = 0;

	if (!window->count || time < window->from ||
	    reckoning->last->last_close + after > window->to + slack)
		return;
	while (i + 1 < window->count && window->points[i + 1].time <= time)
		i++;
	set(reckoning, metric, excess(reckoning, i) / rise(reckoning));
}

static void reckon_time(struct reckoning *reckoning, enum metric metric, double share)
{
	const struct span *window = &reckoning->window;
	double level = share * rise(reckoning);

	if (!window->count || isnan(level) || isnan(excess(reckoning, 0)))
		return;
	/* A value from before the last close still counts as live what was closed since. */
	for (size_t i = window->points[0].time < window->from && window->count > 1;
	     i < window->count; i++)
		if (excess(reckoning, i) <= level) {
			set(reckoning, metric,
			    (double)(span_start(window, i) - reckoning->last->last_close));
			return;
		}
	reckoning->metrics[metric] = (struct measure){ MEASURE_CENSORED,
						       get(reckoning, METRIC_WINDOW) };
}

static void censor(struct measure *measure)
{
	if (measure->state == MEASURE_VALUE)
		measure->state = MEASURE_CENSORED;
}

/* Did the server close so late, by pulse's clock, that too little of the window was left? */
static bool window_shrank(const struct burst *last)
{
	return (double)(last->end - last->last_close) <
	       (1 - METRICS_SLACK) * (double)(last->end - last->phase->end);
}

static void reckon_waste(struct reckoning *reckoning)
{
	const struct span *window = &reckoning->window;
	double waste = 0;

	for (size_t i = 0; i < window->count; i++) {
		double wasted = excess(reckoning, i);
		double time = (double)(span_end(window, i) - span_start(window, i)) / 1e9;

		/* Not fmax(), which hides a NAN. */
		waste += (wasted < 0 ? 0 : wasted) * time;
	}
	if (window->count)
		set(reckoning, METRIC_WASTE, waste);
	if (window_shrank(reckoning->last))
		censor(&reckoning->metrics[METRIC_WASTE]);
}

static int reckon_ratchet(struct reckoning *reckoning)
{
	double middle = ((double)reckoning->burst_count - 1) / 2, above = 0, below = 0;
	uint64_t quiet = bursts_shortest_quiet(reckoning->bursts, reckoning->burst_count);

	if (reckoning->burst_count < 2)
		return 0;
	for (size_t i = 0; i < reckoning->burst_count; i++) {
		uint64_t from = reckoning->bursts[i].last_close;
		double floor, live, distance = (double)i - middle;
		int error = metrics_floor(reckoning->curve, from, from + quiet, &floor, &live);

		if (error)
			return error == -ENODATA ? 0 : error;
		above += distance * (floor - live);
		below += distance * distance;
	}
	set(reckoning, METRIC_RATCHET, above / below);
	return 0;
}

static void reckon_releases(struct reckoning *reckoning)
{
	const struct recording *recording = reckoning->recording;

	for (size_t i = recording->sample_count; i-- > 0;) {
		const struct sample *sample = &recording->samples[i];

		if (sample->releases == RECORD_ABSENT)
			continue;
		set_number(reckoning, METRIC_RELEASES, sample->releases);
		set_number(reckoning, METRIC_RELEASED, sample->released_bytes);
		set_number(reckoning, METRIC_STALL_TOTAL, sample->stall_total);
		if (sample->releases)
			set_number(reckoning, METRIC_STALL, sample->stall_max);
		return;
	}
}

static void reckon_connects(struct reckoning *reckoning)
{
	const struct phase *first = reckoning->bursts[0].phase;
	const struct phase *last = reckoning->last->phase;

	set_number(reckoning, METRIC_FIRST_P50, first->connect_p50);
	set_number(reckoning, METRIC_FIRST_P99, first->connect_p99);
	set_number(reckoning, METRIC_LAST_P50, last->connect_p50);
	set_number(reckoning, METRIC_LAST_P99, last->connect_p99);
}

static void reckon_faults(struct reckoning *reckoning)
{
	const struct recording *recording = reckoning->recording;
	const struct rollup *before = NULL, *after = NULL;

	for (size_t i = 0; i < recording->rollup_count && !after; i++) {
		const struct rollup *rollup = &recording->rollups[i];

		if (rollup->time <= reckoning->last->phase->start)
			before = rollup;
		if (rollup->time >= reckoning->last->last_close)
			after = rollup;
	}
	if (before && after && before->minor_faults <= after->minor_faults &&
	    after->minor_faults != RECORD_ABSENT)
		set_number(reckoning, METRIC_FAULTS, after->minor_faults - before->minor_faults);
}

/* Of the server's first process; reckon_usage() knows better where all were recorded. */
static void reckon_cpu(struct reckoning *reckoning)
{
	const struct recording *recording = reckoning->recording;
	const struct rollup *before = NULL, *after = NULL;
	double used;

	for (size_t i = 0; i < recording->rollup_count; i++) {
		const struct rollup *rollup = &recording->rollups[i];

		if (rollup->cpu_user == RECORD_ABSENT || rollup->cpu_system == RECORD_ABSENT)
			continue;
		if (rollup->time <= reckoning->bursts[0].phase->start)
			before = rollup;
		if (rollup->time >= reckoning->last->last_close &&
		    rollup->time <= reckoning->last->end)
			after = rollup;
	}
	if (!before || !after)
		return;
	used = (double)(after->cpu_user + after->cpu_system) -
	       (double)(before->cpu_user + before->cpu_system);
	if (used >= 0)
		set(reckoning, METRIC_CPU, used);
}

static void reckon_usage(struct reckoning *reckoning)
{
	const struct operations *operations = &reckoning->recording->operations;
	const struct usage *usage = &reckoning->recording->usage;
	const struct burst *last = reckoning->last;
	uint64_t from = reckoning->bursts[0].phase->start;
	double used = operations_apart(operations, usage, from, last->end);
	double user = used * usage_user_share(usage, from, last->end);

	set(reckoning, METRIC_CPU, used);
	set(reckoning, METRIC_CPU_USER, user);
	set(reckoning, METRIC_CPU_SYSTEM, used - user);
	if (last->phase->connected && last->phase->connected != RECORD_ABSENT)
		set(reckoning, METRIC_CPU_CONNECTION,
		    operations_apart(operations, usage, last->phase->start, last->last_close) /
			    (double)last->phase->connected);
}

/* Of the last burst; CPU time is that of the window that all event loops of pulse had in common. */
static void reckon_operations(struct reckoning *reckoning)
{
	const struct recording *recording = reckoning->recording;
	const struct traffic_row *row = operations_of(&recording->operations,
						      reckoning->last->phase);
	double rate = row ? operations_rate(row) : NAN;
	double used;

	if (isnan(rate))
		return;
	used = usage_between(&recording->usage, row->begin, row->end);
	set(reckoning, METRIC_OPERATIONS, rate);
	set_number(reckoning, METRIC_LATENCY_P50, row->p50);
	set_number(reckoning, METRIC_LATENCY_P99, row->p99);
	set(reckoning, METRIC_CPU_OPERATION, used / (double)(row->end - row->begin) * 1e9 / rate);
}

/* How often a release had fired by then; -1 where the server does not say. */
static int64_t releases_until(const struct recording *recording, uint64_t time)
{
	int64_t releases = -1;

	for (size_t i = 0; i < recording->sample_count && recording->samples[i].time <= time; i++)
		if (recording->samples[i].releases != RECORD_ABSENT)
			releases = (int64_t)recording->samples[i].releases;
	return releases;
}

static bool window_judges(const struct reckoning *reckoning, uint64_t decay)
{
	const struct burst *last = reckoning->last;
	double window = get(reckoning, METRIC_WINDOW) / (1 - METRICS_SLACK);

	if (window < (double)SECOND)
		return false;
	return window >= (double)decay * DECAY_WINDOWS ||
	       releases_until(reckoning->recording, last->end) >
		       releases_until(reckoning->recording, last->last_close);
}

static void apply_window_rule(struct reckoning *reckoning, uint64_t decay)
{
	if (window_judges(reckoning, decay))
		return;
	censor(&reckoning->metrics[METRIC_FLOOR]);
	censor(&reckoning->metrics[METRIC_FLOOR_LIVE]);
}

static int reckon(struct reckoning *reckoning, uint64_t decay)
{
	const struct burst *last = reckoning->last;
	int error;

	set(reckoning, METRIC_WINDOW, (double)(last->end - last->last_close));
	error = reckon_base(reckoning);
	if (error)
		return error;
	reckon_peak(reckoning);
	error = reckon_floor(reckoning);
	if (!error)
		error = reckon_ratchet(reckoning);
	if (error)
		return error;
	reckon_retention(reckoning, METRIC_RETENTION_1, 1 * NS_PER_S);
	reckon_retention(reckoning, METRIC_RETENTION_5, 5 * NS_PER_S);
	reckon_retention(reckoning, METRIC_RETENTION_15, 15 * NS_PER_S);
	reckon_time(reckoning, METRIC_T50, 0.5);
	reckon_time(reckoning, METRIC_T90, 0.1);
	reckon_time(reckoning, METRIC_T99, 0.01);
	reckon_waste(reckoning);
	reckon_releases(reckoning);
	reckon_connects(reckoning);
	reckon_faults(reckoning);
	reckon_cpu(reckoning);
	reckon_usage(reckoning);
	reckon_operations(reckoning);
	apply_window_rule(reckoning, decay);
	return 0;
}

int metrics_compute(const struct recording *recording, const struct curve *curve, uint64_t decay,
		    struct measure metrics[METRIC_COUNT])
{
	struct reckoning reckoning = { .recording = recording, .curve = curve, .metrics = metrics };
	int error = bursts_find(recording, &reckoning.bursts, &reckoning.burst_count);

	memset(metrics, 0, METRIC_COUNT * sizeof(*metrics));
	if (error)
		return error;
	reckoning.last = &reckoning.bursts[reckoning.burst_count - 1];
	reckoning.window = curve_span(curve, reckoning.last->last_close, reckoning.last->end);
	error = reckon(&reckoning, decay);
	ledger_reckon(recording, reckoning.bursts, reckoning.burst_count, metrics);
	free(reckoning.bursts);
	return error;
}
