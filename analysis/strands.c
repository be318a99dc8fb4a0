/*
 * strands.c - who of a server's threads used the CPU when. See strands.h.
 */
#include "analysis/strands.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#define NARROWEST 0.05 /* seconds: some timer ticks, by which the CPU clocks go */
#define NAMED	  (STRANDS_MOST - 1)

/* What a thread has used between two readings. */
struct growth {
	const struct thread_row *row; /* of the later one */
	size_t interval;
	double used;
};

struct interval {
	uint64_t from, to;
	double used;	      /* ns by the whole server */
	double shares[NAMED]; /* ns, by each named strand */
};

struct work {
	const struct usage *usage;
	struct growth *growths;
	size_t growth_count;
	struct interval *intervals;
	size_t interval_count;
};

/* Rows of two readings have mostly the same order: the search goes on where it ended. */
static const struct thread_row *find(const struct thread_row *rows, size_t count, size_t *hint,
				     uint64_t pid, uint64_t thread)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = (*hint + i) % count;

		if (rows[at].pid == pid && rows[at].thread == thread) {
			*hint = at + 1;
			return &rows[at];
		}
	}
	return NULL;
}

/*
 * A thread that had no row before has used all of it since, unless its process had threads without
 * a row, of which it may be one: then nobody knows, and the others have it.
 */
static double growth_of(const struct thread_row *row, const struct thread_row *before, size_t count,
			size_t *hint)
{
	const struct thread_row *old = find(before, count, hint, row->pid, row->thread);
	size_t start = 0;

	if (old)
		return row->cpu > old->cpu ? (double)(row->cpu - old->cpu) : 0;
	old = find(before, count, &start, row->pid, RECORD_ABSENT);
	return old && old->threads ? 0 : (double)row->cpu;
}

static void add_interval(struct work *work, size_t before, size_t begin, size_t end)
{
	const struct thread_row *rows = work->usage->threads;
	struct interval *interval = &work->intervals[work->interval_count];
	size_t hint = 0;

	interval->from = rows[before].time;
	interval->to = rows[begin].time;
	interval->used = usage_between(work->usage, interval->from, interval->to);
	for (size_t i = begin; i < end; i++) {
		double used;

		if (rows[i].thread == RECORD_ABSENT)
			continue;
		used = growth_of(&rows[i], &rows[before], begin - before, &hint);
		work->growths[work->growth_count++] = (struct growth){ &rows[i],
								       work->interval_count, used };
	}
	work->interval_count++;
}

static int read_threads(struct work *work)
{
	size_t count = work->usage->thread_count, before = 0, begin, end;

	work->growths = calloc(count + 1, sizeof(*work->growths));
	work->intervals = calloc(count + 1, sizeof(*work->intervals));
	if (!work->growths || !work->intervals)
		return -ENOMEM;
	if (!count)
		return 0;
	for (begin = usage_reading_end(work->usage, 0); begin < count; begin = end) {
		end = usage_reading_end(work->usage, begin);
		add_interval(work, before, begin, end);
		before = begin;
	}
	return 0;
}

static int by_thread(const void *a, const void *b)
{
	const struct thread_row *x = ((const struct growth *)a)->row;
	const struct thread_row *y = ((const struct growth *)b)->row;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->thread > y->thread) - (x->thread < y->thread);
}

/* Keeps the busiest, in their order. */
static void offer(struct strands *strands, const struct thread_row *row, double used)
{
	struct strand *list = strands->list;
	size_t at = strands->count;

	if (used <= 0 || (at == NAMED && used <= list[at - 1].used))
		return;
	if (at == NAMED)
		at--;
	else
		strands->count++;
	for (; at && list[at - 1].used < used; at--)
		list[at] = list[at - 1];
	list[at] = (struct strand){ .pid = row->pid, .thread = row->thread, .used = used };
	snprintf(list[at].name, sizeof(list[at].name), "%s", row->name);
}

static void choose(struct strands *strands, struct work *work)
{
	struct growth *growths = work->growths;

	qsort(growths, work->growth_count, sizeof(*growths), by_thread);
	for (size_t i = 0, end; i < work->growth_count; i = end) {
		double used = 0;

		for (end = i; end < work->growth_count && !by_thread(&growths[i], &growths[end]);
		     end++)
			used += growths[end].used;
		/* By the name that it had last. */
		offer(strands, growths[end - 1].row, used);
	}
}

static void name_apart(struct strands *strands)
{
	bool shared[NAMED] = { false };

	for (size_t i = 0; i < strands->count; i++)
		for (size_t j = 0; j < strands->count; j++)
			shared[i] |= i != j &&
				     !strcmp(strands->list[i].name, strands->list[j].name);
	for (size_t i = 0; i < strands->count; i++) {
		struct strand *strand = &strands->list[i];
		size_t length = strlen(strand->name);

		if (shared[i])
			snprintf(strand->name + length, sizeof(strand->name) - length, " %" PRIu64,
				 strand->thread);
	}
}

static void share_out(const struct strands *strands, struct work *work)
{
	for (size_t i = 0; i < work->growth_count; i++) {
		const struct growth *growth = &work->growths[i];

		for (size_t j = 0; j < strands->count; j++)
			if (strands->list[j].pid == growth->row->pid &&
			    strands->list[j].thread == growth->row->thread)
				work->intervals[growth->interval].shares[j] += growth->used;
	}
}

/* ns used in a stretch that lies inside an interval, by each strand; the last: by all others. */
static void add_stretch(double used[STRANDS_MOST], const struct strands *strands,
			const struct interval *interval, double stretch)
{
	double named = 0, whole;

	for (size_t i = 0; i < strands->count; i++)
		named += interval->shares[i];
	/* Threads were not read in the same moment as the whole. */
	whole = fmax(interval->used, named);
	for (size_t i = 0; i < strands->count && whole > 0; i++)
		used[i] += stretch * interval->shares[i] / whole;
	used[NAMED] += whole > 0 ? stretch * (whole - named) / whole : stretch;
}

/* The same in a column; what lies outside of all readings is of the others. */
static void add_column(double used[STRANDS_MOST], const struct strands *strands,
		       const struct work *work, uint64_t from, uint64_t to)
{
	double left = usage_between(work->usage, from, to);

	for (size_t i = 0; i < work->interval_count; i++) {
		const struct interval *interval = &work->intervals[i];
		uint64_t begin = MAX(from, interval->from), end = MIN(to, interval->to);
		double stretch;

		if (begin >= end)
			continue;
		stretch = usage_between(work->usage, begin, end);
		add_stretch(used, strands, interval, stretch);
		left -= stretch;
	}
	used[NAMED] += isnan(left) ? left : fmax(0, left);
}

static void fill_columns(struct strands *strands, const struct work *work, uint64_t origin)
{
	for (size_t i = 0; i < strands->columns; i++) {
		uint64_t from = origin + (uint64_t)(strands->edges[i] * 1e9);
		uint64_t to = origin + (uint64_t)(strands->edges[i + 1] * 1e9);
		double used[STRANDS_MOST] = { 0 }, sum = 0;

		add_column(used, strands, work, from, to);
		for (size_t j = 0; j < STRANDS_MOST; j++) {
			double busy = 100 * used[j] / (double)(to - from);

			strands->list[j].busy[i] = isnan(used[NAMED]) ? NAN : busy;
			sum += busy;
		}
		strands->list[NAMED].used += isnan(used[NAMED]) ? 0 : used[NAMED];
		if (sum > strands->top)
			strands->top = sum;
	}
}

static void plan_columns(struct strands *strands, double earliest, double latest)
{
	double ratio = pow(latest / earliest, 1.0 / STRANDS_COLUMNS), edge = earliest;

	strands->edges[0] = edge;
	while (strands->columns < STRANDS_COLUMNS && edge < latest) {
		edge = fmin(latest, fmax(edge * ratio, edge + NARROWEST));
		strands->edges[++strands->columns] = edge;
	}
}

/* Where a reader could see them. */
static void keep_others(struct strands *strands)
{
	const struct strand *others = &strands->list[NAMED];
	double sum = others->used;

	for (size_t i = 0; i < strands->count; i++)
		sum += strands->list[i].used;
	if (others->used < sum / 500)
		return;
	strands->list[strands->count] = *others;
	strcpy(strands->list[strands->count++].name, "all others");
}

int strands_build(struct strands *strands, const struct run *run, double earliest, double latest)
{
	struct work work = { .usage = &run->recording.usage };
	int error;

	*strands = (struct strands){ .run = run };
	if (!work.usage->total_count)
		return -ENODATA;
	error = read_threads(&work);
	if (!error) {
		choose(strands, &work);
		name_apart(strands);
		share_out(strands, &work);
		plan_columns(strands, earliest, latest);
		fill_columns(strands, &work, recording_phase(&run->recording, "burst", 0)->start);
	}
	if (!error)
		keep_others(strands);
	free(work.growths);
	free(work.intervals);
	return error;
}
