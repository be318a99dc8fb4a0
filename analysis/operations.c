/*
 * operations.c - what was asked and answered in one run. See operations.h.
 */
#include "analysis/operations.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool has_window(const struct traffic_row *row)
{
	return row->begin != RECORD_ABSENT;
}

/* What is wrong with the numbers of a row, or NULL. */
static const char *find_fault(const struct traffic_row *row)
{
	if (row->number == RECORD_ABSENT || row->operations == RECORD_ABSENT)
		return "lacks a number";
	if (has_window(row) != (row->end != RECORD_ABSENT))
		return "has half a window";
	if (has_window(row) && row->end < row->begin)
		return "has a window that ends before it begins";
	/* The window is what all event loops have in common, the length is their mean. */
	if (has_window(row) &&
	    (row->length == RECORD_ABSENT || row->length < row->end - row->begin))
		return "has a length_ns that is not its window's";
	if (row->operations && !has_window(row))
		return "has operations without a window";
	if (row->operations && (row->p50 == RECORD_ABSENT || row->p99 == RECORD_ABSENT))
		return "has operations without their latency";
	if (row->p50 != RECORD_ABSENT && row->p99 != RECORD_ABSENT && row->p50 > row->p99)
		return "has a p50 above its p99";
	return NULL;
}

int operations_load(struct operations *operations, const char *folder, char why[ROWS_WHY])
{
	int error;

	memset(operations, 0, sizeof(*operations));
	error = rows_load(&record_traffic, folder, "traffic.csv", &operations->rows,
			  &operations->count, why);
	if (error)
		return error == -ENOENT ? 0 : error;
	for (size_t i = 0; i < operations->count; i++) {
		const char *fault = find_fault(&operations->rows[i]);

		if (!fault)
			continue;
		snprintf(why, ROWS_WHY, "traffic.csv: line %zu %s", i + 3, fault);
		operations_free(operations);
		return -EBADMSG;
	}
	return 0;
}

void operations_free(struct operations *operations)
{
	free(operations->rows);
	memset(operations, 0, sizeof(*operations));
}

static bool is_of(const struct traffic_row *row, const struct phase *phase)
{
	return row->number == phase->number && !strcmp(row->name, phase->name);
}

/* What is wrong with the i-th row beside the phases, or NULL. */
static const char *find_misfit(const struct operations *operations, size_t i,
			       const struct phase *phases, size_t count)
{
	const struct traffic_row *row = &operations->rows[i];
	size_t j = 0;

	while (j < count && !is_of(row, &phases[j]))
		j++;
	if (j == count)
		return "is of a phase that is not in phases.csv";
	if (operations_of(operations, &phases[j]) != row)
		return "is of a phase that has a line already";
	if (has_window(row) && (row->begin < phases[j].start || row->end > phases[j].end ||
				row->length > phases[j].end - phases[j].start))
		return "has a window that is not within its phase";
	return NULL;
}

int operations_check(const struct operations *operations, const struct phase *phases, size_t count,
		     char why[ROWS_WHY])
{
	for (size_t i = 0; i < operations->count; i++) {
		const char *misfit = find_misfit(operations, i, phases, count);

		if (!misfit)
			continue;
		snprintf(why, ROWS_WHY, "traffic.csv: line %zu %s", i + 3, misfit);
		return -EBADMSG;
	}
	return 0;
}

const struct traffic_row *operations_of(const struct operations *operations,
					const struct phase *phase)
{
	for (size_t i = 0; i < operations->count; i++)
		if (is_of(&operations->rows[i], phase))
			return &operations->rows[i];
	return NULL;
}

double operations_rate(const struct traffic_row *row)
{
	if (!has_window(row) || !row->length || !row->operations)
		return NAN;
	return (double)row->operations * 1e9 / (double)row->length;
}

bool operations_between(const struct operations *operations, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < operations->count; i++) {
		const struct traffic_row *row = &operations->rows[i];

		if (has_window(row) && row->begin <= to && row->end >= from)
			return true;
	}
	return false;
}

double operations_apart(const struct operations *operations, const struct usage *usage,
			uint64_t from, uint64_t to)
{
	double used = usage_between(usage, from, to);

	for (size_t i = 0; i < operations->count; i++) {
		const struct traffic_row *row = &operations->rows[i];

		if (has_window(row) && row->begin >= from && row->end <= to)
			used -= usage_between(usage, row->begin, row->end);
	}
	return used;
}
