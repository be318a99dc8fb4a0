/*
 * comparison.c - two experiments against each other. See comparison.h.
 */
#include "analysis/comparison.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/units.h"

static bool is_word(const char *word, size_t length, const char *name)
{
	return strlen(name) == length && !strncmp(word, name, length);
}

/*
 * Is name what old of a is called in b? What is renamed has only its other name there, and what
 * has got that name is nothing else of a, whatever else of a was called so.
 */
static bool is_renamed(const char *renames, const char *old, const char *name)
{
	bool taken = false;

	for (const char *term = renames; term && *term; term += *term == ',') {
		size_t length = strcspn(term, ","), first = strcspn(term, "=,");
		bool is_old = is_word(term, first, old);
		bool is_new = first < length && is_word(term + first + 1, length - first - 1, name);

		if (is_old && is_new)
			return true;
		taken |= is_old || is_new;
		term += length;
	}
	return !taken && !strcmp(old, name);
}

/* The value that all rows have, or NULL. */
static const char *only_value(const struct summary *summary, int factor)
{
	for (size_t i = 1; i < summary->count; i++)
		if (strcmp(summary->rows[i].first->factors[factor],
			   summary->rows[0].first->factors[factor]))
			return NULL;
	return summary->count ? summary->rows[0].first->factors[factor] : NULL;
}

/* One value each, and not the same: the whole experiments differ in it. */
static bool is_obstacle(const struct comparison *comparison, int factor)
{
	const char *a = only_value(comparison->a, factor), *b = only_value(comparison->b, factor);

	return factor > FACTOR_TUNE && a && b && strcmp(a, b);
}

static bool are_alike(const struct comparison *comparison, const struct run *a, const struct run *b)
{
	if (!is_renamed(comparison->renames, a->factors[FACTOR_ALLOCATOR],
			b->factors[FACTOR_ALLOCATOR]))
		return false;
	for (int i = FACTOR_ALLOCATOR + 1; i < FACTOR_COUNT; i++)
		if (strcmp(a->factors[i], b->factors[i]) && !is_obstacle(comparison, i))
			return false;
	return true;
}

/* Returns an array for the caller to free, of one metric of the row's runs. */
static struct measure *collect(const struct summary *summary, const struct summary_row *row,
			       int metric, size_t *count)
{
	const struct experiment *experiment = summary->experiment;
	struct measure *values = calloc(experiment->count + 1, sizeof(*values));

	*count = 0;
	for (size_t i = 0; values && i < experiment->count; i++)
		if (summary_holds(row, &experiment->runs[i]))
			values[(*count)++] = experiment->runs[i].metrics[metric];
	return values;
}

static int compare_row(const struct comparison *comparison, struct comparison_row *row,
		       struct bootstrap *bootstrap)
{
	int error = 0;

	for (int metric = 0; metric < METRIC_COUNT && !error; metric++) {
		size_t a_count, b_count;
		struct measure *a = collect(comparison->a, row->a, metric, &a_count);
		struct measure *b = collect(comparison->b, row->b, metric, &b_count);

		error = a && b ? difference_unpaired(bootstrap, &row->differences[metric],
						     (enum metric)metric, b, b_count, a, a_count,
						     row->a->metrics)
			       : -ENOMEM;
		free(a);
		free(b);
	}
	difference_judge(row->differences);
	return error;
}

static int add_rows(struct comparison *comparison, struct bootstrap *bootstrap)
{
	int error = 0;

	for (size_t i = 0; i < comparison->a->count && !error; i++)
		for (size_t j = 0; j < comparison->b->count && !error; j++) {
			struct comparison_row *row = &comparison->rows[comparison->count];

			row->a = &comparison->a->rows[i];
			row->b = &comparison->b->rows[j];
			if (!are_alike(comparison, row->a->first, row->b->first) ||
			    comparison_holds(comparison, row->a) ||
			    comparison_holds(comparison, row->b))
				continue;
			comparison->count++;
			error = compare_row(comparison, row, bootstrap);
		}
	return error;
}

static void explain_nothing(const struct comparison *comparison, char why[COMPARISON_WHY])
{
	const struct summary *a = comparison->a, *b = comparison->b;

	if (!a->count || !b->count)
		snprintf(why, COMPARISON_WHY, "%s has no complete run; tidemark report says why",
			 (a->count ? b : a)->experiment->directory);
	else
		snprintf(why, COMPARISON_WHY,
			 "no row has its like: the first are %.60s %.60s and %.60s %.60s "
			 "(--match OLD=NEW pairs allocators of two names)",
			 a->rows[0].first->factors[FACTOR_ALLOCATOR],
			 a->rows[0].first->factors[FACTOR_RELEASE],
			 b->rows[0].first->factors[FACTOR_ALLOCATOR],
			 b->rows[0].first->factors[FACTOR_RELEASE]);
}

int comparison_build(struct comparison *comparison, const struct summary *a,
		     const struct summary *b, const char *renames, char why[COMPARISON_WHY])
{
	struct bootstrap *bootstrap = bootstrap_new();
	int error = -ENOMEM;

	*comparison = (struct comparison){ .a = a, .b = b, .renames = renames };
	/* One more than there can be: a candidate is tried in its place. */
	comparison->rows = calloc(a->count + 1, sizeof(*comparison->rows));
	if (bootstrap && comparison->rows)
		error = add_rows(comparison, bootstrap);
	bootstrap_free(bootstrap);
	snprintf(why, COMPARISON_WHY, "%s", strerror(ENOMEM));
	if (!error && !comparison->count) {
		explain_nothing(comparison, why);
		error = -ENODATA;
	}
	if (error)
		comparison_free(comparison);
	return error;
}

void comparison_free(struct comparison *comparison)
{
	free(comparison->rows);
	comparison->rows = NULL;
	comparison->count = 0;
}

bool comparison_holds(const struct comparison *comparison, const struct summary_row *row)
{
	for (size_t i = 0; i < comparison->count; i++)
		if (comparison->rows[i].a == row || comparison->rows[i].b == row)
			return true;
	return false;
}
