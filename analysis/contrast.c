/*
 * contrast.c - the rows of a table against their controls. See contrast.h.
 */
#include "analysis/contrast.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Runs of a row and of its control that shared a block. */
struct pairs {
	const struct run **runs, **controls;
	size_t count;
	struct measure *a, *b; /* one metric of them */
};

static const struct summary_row *find_row(const struct summary *summary, char *const *factors)
{
	for (size_t i = 0; i < summary->count; i++)
		if (!factors_compare(summary->rows[i].first->factors, factors))
			return &summary->rows[i];
	return NULL;
}

static const struct summary_row *find_control(const struct summary *summary,
					      const struct summary_row *row)
{
	const json_t *allocators = json_object_get(summary->experiment->about, "allocators");
	const char *first = json_string_value(json_array_get(allocators, 0));
	char *factors[FACTOR_COUNT], native[] = "native", none[] = "";
	const struct summary_row *control;
	char *allocator = NULL;

	memcpy(factors, row->first->factors, sizeof(factors));
	factors[FACTOR_RELEASE] = native;
	factors[FACTOR_TUNE] = none;
	control = find_row(summary, factors);
	if (control != row || !first)
		return control != row ? control : NULL;
	allocator = strdup(first);
	factors[FACTOR_ALLOCATOR] = allocator;
	control = allocator ? find_row(summary, factors) : NULL;
	free(allocator);
	return control != row ? control : NULL;
}

/* The verdict on row against its control, where that is the one. */
static enum difference_verdict find_verdict(const struct summary_row *row,
					    const struct summary_row *control,
					    enum question question)
{
	enum metric metric;
	const struct difference *answer = difference_answer(row->differences, question, &metric);

	return answer && row->control == control ? answer->verdict : DIFFERENCE_ABSENT;
}

/* The row that this one is not told from, or that its control is not told from, and so on. */
static const struct summary_row *find_same(const struct summary_row *row, enum question question)
{
	while (row->control) {
		enum difference_verdict verdict = find_verdict(row, row->control, question);

		if (verdict != DIFFERENCE_NONE && verdict != DIFFERENCE_UNKNOWN)
			break;
		row = row->control;
	}
	return row;
}

enum difference_verdict contrast_between(const struct summary_row *a, const struct summary_row *b,
					 enum question question)
{
	enum difference_verdict forth = find_verdict(a, b, question);
	enum difference_verdict back = find_verdict(b, a, question);

	if (forth == DIFFERENCE_LESS || back == DIFFERENCE_MORE)
		return DIFFERENCE_LESS;
	if (forth == DIFFERENCE_MORE || back == DIFFERENCE_LESS)
		return DIFFERENCE_MORE;
	return find_same(a, question) == find_same(b, question) ? DIFFERENCE_NONE
								: DIFFERENCE_ABSENT;
}

static const struct run *find_block(const struct experiment *experiment,
				    const struct summary_row *row, uint64_t repeat)
{
	for (size_t i = 0; i < experiment->count; i++)
		if (experiment->runs[i].repeat == repeat &&
		    summary_holds(row, &experiment->runs[i]))
			return &experiment->runs[i];
	return NULL;
}

static void find_pairs(struct pairs *pairs, const struct experiment *experiment,
		       const struct summary_row *row)
{
	pairs->count = 0;
	for (size_t i = 0; i < experiment->count; i++) {
		const struct run *run = &experiment->runs[i], *control;

		if (!run->repeat || !summary_holds(row, run))
			continue;
		control = find_block(experiment, row->control, run->repeat);
		if (!control)
			continue;
		pairs->runs[pairs->count] = run;
		pairs->controls[pairs->count++] = control;
	}
}

static int contrast_row(struct summary_row *row, struct bootstrap *bootstrap, struct pairs *pairs)
{
	int error = 0;

	for (int metric = 0; metric < METRIC_COUNT && !error; metric++) {
		for (size_t i = 0; i < pairs->count; i++) {
			pairs->a[i] = pairs->runs[i]->metrics[metric];
			pairs->b[i] = pairs->controls[i]->metrics[metric];
		}
		error = difference_paired(bootstrap, &row->differences[metric], (enum metric)metric,
					  pairs->a, pairs->b, pairs->count, row->control->metrics);
	}
	difference_judge(row->differences);
	return error;
}

int contrast_rows(struct summary *summary, struct bootstrap *bootstrap)
{
	size_t most = summary->experiment->count + 1;
	struct pairs pairs = {
		.runs = calloc(most, sizeof(*pairs.runs)),
		.controls = calloc(most, sizeof(*pairs.controls)),
		.a = calloc(most, sizeof(*pairs.a)),
		.b = calloc(most, sizeof(*pairs.b)),
	};
	int error = pairs.runs && pairs.controls && pairs.a && pairs.b ? 0 : -ENOMEM;

	for (size_t i = 0; i < summary->count && !error; i++) {
		struct summary_row *row = &summary->rows[i];

		row->control = find_control(summary, row);
		if (!row->control)
			continue;
		find_pairs(&pairs, summary->experiment, row);
		error = contrast_row(row, bootstrap, &pairs);
	}
	free(pairs.runs);
	free(pairs.controls);
	free(pairs.a);
	free(pairs.b);
	return error;
}
