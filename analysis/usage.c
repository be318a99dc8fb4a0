/*
 * usage.c - the CPU time of the server in one run. See usage.h.
 */
#include "analysis/usage.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int check_totals(const struct usage *usage, char why[ROWS_WHY])
{
	for (size_t i = 0; i < usage->total_count; i++) {
		const struct cpu_row *row = &usage->totals[i];
		const char *what = NULL;

		if (row->time == RECORD_ABSENT || row->cpu == RECORD_ABSENT)
			what = "lacks a number";
		else if (i && row->time < row[-1].time)
			what = "lies before the last one in time";
		else if (i && row->cpu < row[-1].cpu)
			what = "has less CPU time than the last one";
		if (!what)
			continue;
		snprintf(why, ROWS_WHY, "cpu.csv: line %zu %s", i + 3, what);
		return -EBADMSG;
	}
	return 0;
}

static int check_threads(const struct usage *usage, char why[ROWS_WHY])
{
	for (size_t i = 0; i < usage->thread_count; i++) {
		const struct thread_row *row = &usage->threads[i];
		const char *what = NULL;

		if (row->time == RECORD_ABSENT || row->pid == RECORD_ABSENT ||
		    row->cpu == RECORD_ABSENT || row->threads == RECORD_ABSENT)
			what = "lacks a number";
		else if (i && row->time < row[-1].time)
			what = "lies before the last one in time";
		if (!what)
			continue;
		snprintf(why, ROWS_WHY, "threads.csv: line %zu %s", i + 3, what);
		return -EBADMSG;
	}
	return 0;
}

int usage_load(struct usage *usage, const char *folder, char why[ROWS_WHY])
{
	int error;

	memset(usage, 0, sizeof(*usage));
	error = rows_load(&record_cpu, folder, "cpu.csv", &usage->totals, &usage->total_count, why);
	if (!error || error == -ENOENT)
		error = rows_load(&record_threads, folder, "threads.csv", &usage->threads,
				  &usage->thread_count, why);
	if (!error || error == -ENOENT)
		error = check_totals(usage, why);
	if (!error)
		error = check_threads(usage, why);
	if (error)
		usage_free(usage);
	return error;
}

void usage_free(struct usage *usage)
{
	free(usage->totals);
	free(usage->threads);
	memset(usage, 0, sizeof(*usage));
}

/* The last row that is not after that moment. The first one must not be. */
static size_t find_total(const struct usage *usage, uint64_t time)
{
	size_t low = 0, high = usage->total_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (usage->totals[middle].time <= time)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* CPU time used until then, with what lies between two rows shared evenly; NAN outside of all. */
static double used_until(const struct usage *usage, uint64_t time)
{
	size_t count = usage->total_count;
	const struct cpu_row *row;
	double share;

	if (!count || time < usage->totals[0].time || time > usage->totals[count - 1].time)
		return NAN;
	row = &usage->totals[find_total(usage, time)];
	if (time == row->time)
		return (double)row->cpu;
	share = (double)(time - row->time) / (double)(row[1].time - row->time);
	return (double)row->cpu + share * (double)(row[1].cpu - row->cpu);
}

double usage_between(const struct usage *usage, uint64_t from, uint64_t to)
{
	return used_until(usage, to) - used_until(usage, from);
}

size_t usage_reading_end(const struct usage *usage, size_t i)
{
	uint64_t time = usage->threads[i].time;

	while (i < usage->thread_count && usage->threads[i].time == time)
		i++;
	return i;
}

struct split {
	double user, system;
};

static struct split split_of(const struct usage *usage, size_t from, size_t to)
{
	struct split split = { 0 };

	for (size_t i = from; i < to; i++) {
		if (usage->threads[i].user != RECORD_ABSENT)
			split.user += (double)usage->threads[i].user;
		if (usage->threads[i].system != RECORD_ABSENT)
			split.system += (double)usage->threads[i].system;
	}
	return split;
}

double usage_user_share(const struct usage *usage, uint64_t from, uint64_t to)
{
	struct split last = { 0 }, sum = { 0 };

	for (size_t i = 0, end; i < usage->thread_count; i = end) {
		struct split split;

		end = usage_reading_end(usage, i);
		split = split_of(usage, i, end);
		if (usage->threads[i].time > from && i) {
			/* They fall when a process has ended, and then its last bit is lost. */
			sum.user += fmax(0, split.user - last.user);
			sum.system += fmax(0, split.system - last.system);
		}
		last = split;
		if (usage->threads[i].time >= to)
			break;
	}
	return sum.user + sum.system > 0 ? sum.user / (sum.user + sum.system) : NAN;
}
