/*
 * summary.c - the rows of the table. See summary.h.
 */
#include "analysis/summary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/contrast.h"
#include "server/base/units.h"

static int compare_runs(const struct run *a, const struct run *b)
{
	return factors_compare(a->factors, b->factors);
}

static int compare_rows(const void *a, const void *b)
{
	return compare_runs(((const struct summary_row *)a)->first,
			    ((const struct summary_row *)b)->first);
}

static struct summary_row *find_row(struct summary *summary, const struct run *run)
{
	for (size_t i = 0; i < summary->count; i++)
		if (!compare_runs(summary->rows[i].first, run))
			return &summary->rows[i];
	return NULL;
}

static void collect_rows(struct summary *summary)
{
	for (size_t i = 0; i < summary->experiment->count; i++) {
		const struct run *run = &summary->experiment->runs[i];
		struct summary_row *row;

		if (run->is_void) {
			summary->voids++;
			continue;
		}
		row = find_row(summary, run);
		if (!row) {
			row = &summary->rows[summary->count++];
			row->first = run;
		}
		row->runs++;
		summary->repeated |= row->runs > 1;
	}
}

/* Returns 0 or -ENOMEM. values has room for all runs. */
static int estimate_row(const struct summary *summary, struct summary_row *row,
			struct measure *values, struct bootstrap *bootstrap)
{
	int error = 0;

	for (int metric = 0; metric < METRIC_COUNT && !error; metric++) {
		size_t count = 0;

		for (size_t i = 0; i < summary->experiment->count; i++) {
			const struct run *run = &summary->experiment->runs[i];

			if (summary_holds(row, run))
				values[count++] = run->metrics[metric];
		}
		error = estimate_interval(bootstrap, &row->intervals[metric], (enum metric)metric,
					  values, count);
		row->metrics[metric] = estimate_median((enum metric)metric, values, count);
	}
	return error;
}

static void choose_factors(struct summary *summary)
{
	for (int i = 0; i < FACTOR_COUNT; i++) {
		summary->shown[i] = i == FACTOR_ALLOCATOR || i == FACTOR_RELEASE;
		for (size_t j = 1; j < summary->count; j++)
			summary->shown[i] |= strcmp(summary->rows[j].first->factors[i],
						    summary->rows[0].first->factors[i]) != 0;
	}
}

int summary_build(struct summary *summary, const struct experiment *experiment)
{
	struct measure *values = calloc(experiment->count + 1, sizeof(*values));
	struct bootstrap *bootstrap = bootstrap_new();
	int error = -ENOMEM;

	memset(summary, 0, sizeof(*summary));
	summary->experiment = experiment;
	summary->rows = calloc(experiment->count + 1, sizeof(*summary->rows));
	if (!summary->rows || !values || !bootstrap)
		goto out;
	collect_rows(summary);
	qsort(summary->rows, summary->count, sizeof(*summary->rows), compare_rows);
	error = 0;
	for (size_t i = 0; i < summary->count && !error; i++)
		error = estimate_row(summary, &summary->rows[i], values, bootstrap);
	if (!error)
		error = contrast_rows(summary, bootstrap);
	choose_factors(summary);
out:
	bootstrap_free(bootstrap);
	free(values);
	if (error)
		summary_free(summary);
	return error;
}

void summary_free(struct summary *summary)
{
	free(summary->rows);
	memset(summary, 0, sizeof(*summary));
}

bool summary_holds(const struct summary_row *row, const struct run *run)
{
	return !run->is_void && !compare_runs(run, row->first);
}

bool summary_talks(const struct summary *summary)
{
	for (size_t i = 0; i < summary->count; i++)
		if (summary->rows[i].metrics[METRIC_OPERATIONS].state != MEASURE_ABSENT)
			return true;
	return false;
}

bool summary_shows(const struct summary *summary, const struct metric_form *form,
		   enum form_block block)
{
	if (!form->head || form->block != block)
		return false;
	if (block == FORM_TRAFFIC && !summary_talks(summary))
		return false;
	for (size_t i = 0; form->if_any && i < summary->count; i++)
		if (summary->rows[i].metrics[form->metric].value > 0)
			return true;
	return !form->if_any;
}

/* "glibc quiet=1s (order oldest)" */
static void name_row(char name[SUMMARY_NOTE], const struct summary *summary,
		     const struct summary_row *row)
{
	char label[SUMMARY_NOTE];

	summary_label(label, summary, row->first);
	snprintf(name, SUMMARY_NOTE, "%s %s%s%s%s", row->first->factors[FACTOR_ALLOCATOR],
		 row->first->factors[FACTOR_RELEASE], *label ? " (" : "", label, *label ? ")" : "");
}

/* See the window rule of metrics.h: it is not the decay where the window is long enough for one. */
static bool is_pending(const struct summary_row *row)
{
	return row->metrics[METRIC_WINDOW].value < (double)row->first->decay * DECAY_WINDOWS;
}

static void note_pending(char text[SUMMARY_NOTE], const char *name, const struct summary_row *row)
{
	char window[32], decay[32], wanted[32];
	double delay = (double)row->first->decay;

	snprintf(text, SUMMARY_NOTE,
		 "%s: the window of %s is shorter than %d x its decay of %s, so its floor is "
		 "censored (at most); only a window of %s can judge it.",
		 name, format_duration(window, sizeof(window), row->metrics[METRIC_WINDOW].value),
		 DECAY_WINDOWS, format_duration(decay, sizeof(decay), delay),
		 format_duration(wanted, sizeof(wanted), delay * DECAY_WINDOWS));
}

/*
 * Releases that together gave back less than a hundredth of the peak released nothing, unless there
 * was no more than that to release: the allocator had handed it back by itself.
 */
static bool released_nothing(const struct summary_row *row)
{
	const struct measure *metrics = row->metrics;
	double little = metrics[METRIC_PEAK].value / 100;
	double excess = metrics[METRIC_FLOOR].value - metrics[METRIC_BASE].value -
			metrics[METRIC_LIVE].value;

	return metrics[METRIC_RELEASES].value > 0 && metrics[METRIC_RELEASED].value < little &&
	       (metrics[METRIC_FLOOR].state == MEASURE_ABSENT || excess >= little);
}

static void note_nothing(char text[SUMMARY_NOTE], const char *name, const struct summary_row *row)
{
	char released[32];

	snprintf(
		text, SUMMARY_NOTE,
		"%s: released nothing: %.0f releases gave back %s. Why, and which knob would help, is "
		"in %s/server.log.",
		name, row->metrics[METRIC_RELEASES].value,
		format_size(released, sizeof(released), row->metrics[METRIC_RELEASED].value),
		row->first->name);
}

const char *summary_note(char text[SUMMARY_NOTE], const struct summary *summary,
			 const struct summary_row *row)
{
	char name[SUMMARY_NOTE];

	name_row(name, summary, row);
	if (row->metrics[METRIC_FLOOR].state == MEASURE_CENSORED && is_pending(row))
		note_pending(text, name, row);
	else if (row->metrics[METRIC_FLOOR].state == MEASURE_CENSORED)
		snprintf(
			text, SUMMARY_NOTE,
			"%s: the server's last close left less than a second of the window, so its "
			"floor is censored (at most); a longer --window shows it.",
			name);
	else if (released_nothing(row))
		note_nothing(text, name, row);
	else
		return NULL;
	return text;
}

const char *summary_factor(const struct summary_row *row, int factor)
{
	return run_knows(row->first, factor) ? row->first->factors[factor] : "-";
}

const char *summary_label(char text[SUMMARY_NOTE], const struct summary *summary,
			  const struct run *run)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = FACTOR_RELEASE + 1; i < FACTOR_COUNT; i++) {
		if (!summary->shown[i] || !run_knows(run, i))
			continue;
		if (used && used < SUMMARY_NOTE)
			used += (size_t)snprintf(text + used, SUMMARY_NOTE - used, ", ");
		if (used < SUMMARY_NOTE)
			used += (size_t)factor_write(text + used, SUMMARY_NOTE - used,
						     (enum factor)i, run->factors[i]);
	}
	return text;
}
