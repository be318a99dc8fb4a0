/*
 * takeaway.c - what an experiment says, in a sentence, and what it cannot tell. See table.h.
 *
 * "15 s after the last burst, glibc still held 98 % of what the burst had added and nobody used,
 * tcmalloc 91 %; with release quiet=1s glibc held 3 % and tcmalloc 20 %."
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/table.h"

#define NAMED 4 /* more rows than that are given as a range, or counted */

/* What the sentence compares: the latest retention that every row has, or the floor. */
struct subject {
	enum metric metric;
	const char *when, *of;
};

static const struct subject subjects[] = {
	{ METRIC_RETENTION_15, "15 s after the last burst", "of what the burst had added" },
	{ METRIC_RETENTION_5, "5 s after the last burst", "of what the burst had added" },
	{ METRIC_RETENTION_1, "1 s after the last burst", "of what the burst had added" },
	{ METRIC_FLOOR, "After the last burst", "of its peak" },
};

#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

static const struct subject *choose_subject(const struct summary *summary)
{
	for (size_t i = 0; i < SUBJECTS; i++) {
		size_t present = 0;

		for (size_t j = 0; j < summary->count; j++)
			present += summary->rows[j].metrics[subjects[i].metric].state !=
				   MEASURE_ABSENT;
		if (present && present == summary->count)
			return &subjects[i];
	}
	return NULL;
}

static double percent(const struct subject *subject, const struct summary_row *row)
{
	double value = row->metrics[subject->metric].value;
	double peak = row->metrics[METRIC_PEAK].value;

	if (subject->metric == METRIC_FLOOR)
		value = peak > 0 ? value / peak : 0;
	return 100 * (value > 0 ? value : 0);
}

static const char *release_of(const struct summary_row *row)
{
	return row->first->factors[FACTOR_RELEASE];
}

/* The rows of one release policy. Returns how many, and the lowest and highest of them. */
static size_t find_extremes(const struct summary *summary, const struct subject *subject,
			    const char *release, const struct summary_row *extremes[2])
{
	size_t count = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];

		if (strcmp(release_of(row), release))
			continue;
		if (!count++)
			extremes[0] = extremes[1] = row;
		if (percent(subject, row) < percent(subject, extremes[0]))
			extremes[0] = row;
		if (percent(subject, row) > percent(subject, extremes[1]))
			extremes[1] = row;
	}
	return count;
}

/* Is an allocator there more than once with the same policy? */
static bool has_variants(const struct summary *summary)
{
	bool variants = false;

	for (int i = FACTOR_RELEASE + 1; i < FACTOR_COUNT; i++)
		variants |= summary->shown[i];
	return variants;
}

/* Of the policies other than native, the one that leaves least in sum; NULL without any. */
static const char *find_best_release(const struct summary *summary, const struct subject *subject)
{
	const char *best = NULL;
	double least = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const char *release = release_of(&summary->rows[i]);
		double sum = 0;
		size_t count = 0;

		if (!strcmp(release, "native"))
			continue;
		for (size_t j = 0; j < summary->count; j++)
			if (!strcmp(release_of(&summary->rows[j]), release)) {
				sum += percent(subject, &summary->rows[j]);
				count++;
			}
		if (!best || sum / (double)count < least) {
			best = release;
			least = sum / (double)count;
		}
	}
	return best;
}

/* "jemalloc, tune dirty_decay_ms=0": a row of one release policy. */
static void write_variant(FILE *file, const struct summary *summary, const struct summary_row *row)
{
	char label[SUMMARY_NOTE];

	summary_label(label, summary, row->first);
	fprintf(file, "%s%s%s", row->first->factors[FACTOR_ALLOCATOR], *label ? ", " : "", label);
}

/*
 * "the allocators held from 5 % (jemalloc, tune dirty_decay_ms=0) to 99 % (mimalloc, defaults)";
 * "the allocators all held 99 %" where that is no range.
 */
static void write_range(FILE *file, const struct summary *summary, const struct subject *subject,
			const struct summary_row *const extremes[2], const char *verb,
			const char *object)
{
	double low = rint(percent(subject, extremes[0]));
	double high = rint(percent(subject, extremes[1]));

	if (low >= high) {
		fprintf(file, "the allocators all %s %.0f %%%s", verb, low, object);
		return;
	}
	fprintf(file, "the allocators %s from %.0f %% (", verb, low);
	write_variant(file, summary, extremes[0]);
	fprintf(file, ") to %.0f %% (", high);
	write_variant(file, summary, extremes[1]);
	fprintf(file, ")%s", object);
}

/* "glibc 98 %, jemalloc 97 % and tcmalloc 91 %"; verb and object stand with the first. */
static void write_release(FILE *file, const struct summary *summary, const struct subject *subject,
			  const char *release, const char *verb, const char *object)
{
	const struct summary_row *extremes[2];
	size_t count = find_extremes(summary, subject, release, extremes);
	size_t written = 0;

	if (count > NAMED || (count > 1 && has_variants(summary))) {
		write_range(file, summary, subject, extremes, verb, object);
		return;
	}
	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		bool first = !written;

		if (strcmp(release_of(row), release))
			continue;
		written++;
		fputs(first ? "" : written == count ? " and " : ", ", file);
		write_variant(file, summary, row);
		fprintf(file, " %s%s%.0f %%%s", first ? verb : "", first ? " " : "",
			percent(subject, row), first ? object : "");
	}
}

static void write_sentence(FILE *file, const struct summary *summary)
{
	const struct subject *subject = choose_subject(summary);
	const struct summary_row *extremes[2];
	const char *best;
	char object[64];
	bool native;

	if (!subject) {
		fputs("No run is complete, so there is nothing to conclude.", file);
		return;
	}
	best = find_best_release(summary, subject);
	native = find_extremes(summary, subject, "native", extremes) > 0;
	snprintf(object, sizeof(object), " %s", subject->of);
	fprintf(file, "%s, ", subject->when);
	if (native)
		write_release(file, summary, subject, "native", "still held", object);
	if (native && best)
		fputs("; ", file);
	if (best) {
		fprintf(file, "with release %s ", best);
		write_release(file, summary, subject, best, "held", native ? "" : object);
	}
	fputc('.', file);
}

static void write_name(FILE *file, const struct summary *summary, const struct summary_row *row)
{
	char label[SUMMARY_NOTE];

	summary_label(label, summary, row->first);
	fprintf(file, "%s %s%s%s%s", row->first->factors[FACTOR_ALLOCATOR], release_of(row),
		*label ? " (" : "", label, *label ? ")" : "");
}

/* Ends a list of that many, of which as many are named as may be. */
static void write_end(FILE *file, size_t count)
{
	if (count > NAMED)
		fprintf(file, "; and %zu more", count - NAMED);
	fputs(count ? "." : "", file);
}

/* " No difference is found in what they keep: A from B; C from D." Or one that is too small. */
static void write_same(FILE *file, const struct summary *summary, enum question question,
		       bool small, const char *begin)
{
	size_t count = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		enum metric metric;
		const struct difference *answer = difference_answer(row->differences, question,
								    &metric);

		if (!answer || answer->verdict != DIFFERENCE_NONE ||
		    (answer->reason == REASON_SMALL) != small || count++ >= NAMED)
			continue;
		fputs(count > 1 ? "; " : begin, file);
		write_name(file, summary, row);
		fputs(" from ", file);
		write_name(file, summary, row->control);
	}
	write_end(file, count);
}

/* What is told of answers, as in the table of differences: the figure that decides first. */
static const struct {
	enum metric metric;
	const char *name;
} answers[] = {
	{ METRIC_CPU_OPERATION, "CPU an operation" },
	{ METRIC_OPERATIONS, "throughput" },
	{ METRIC_LATENCY_P99, "latency p99" },
};

#define ANSWERS (sizeof(answers) / sizeof(answers[0]))

/* Is it established, and known as a share of the control? */
static bool is_told(const struct difference *difference)
{
	return difference->verdict >= DIFFERENCE_LESS && !difference->doubtful &&
	       difference->median.low == difference->median.high && difference->control.value > 0;
}

/* "CPU an operation (+13 %), throughput (-4 %) and latency p99 (+20 %)". */
static void write_shares(FILE *file, const struct difference differences[METRIC_COUNT])
{
	size_t told = 0, written = 0;

	for (size_t i = 0; i < ANSWERS; i++)
		told += is_told(&differences[answers[i].metric]);
	for (size_t i = 0; i < ANSWERS; i++) {
		const struct difference *difference = &differences[answers[i].metric];

		if (!is_told(difference))
			continue;
		written++;
		fprintf(file, "%s%s (%+.0f %%)",
			written == 1	  ? " "
			: written == told ? " and "
					  : ", ",
			answers[i].name, 100 * difference->median.low / difference->control.value);
	}
}

/* " Answers differ: A from B in CPU an operation (+13 %); C from D in ...". */
static void write_answers(FILE *file, const struct summary *summary)
{
	size_t count = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		enum metric metric;
		const struct difference *answer = difference_answer(row->differences,
								    QUESTION_ANSWERS, &metric);

		if (!answer || !is_told(answer) || count++ >= NAMED)
			continue;
		fputs(count > 1 ? "; " : " Answers differ: ", file);
		write_name(file, summary, row);
		fputs(" from ", file);
		write_name(file, summary, row->control);
		fputs(" in", file);
		write_shares(file, row->differences);
	}
	write_end(file, count);
}

/* Is there a row that has a control but too few repeats to tell it from? */
static bool has_few(const struct summary *summary, enum question question)
{
	for (size_t i = 0; i < summary->count; i++) {
		enum metric metric;
		const struct difference *answer = difference_answer(summary->rows[i].differences,
								    question, &metric);

		if (answer && answer->verdict == DIFFERENCE_TOO_FEW)
			return true;
	}
	return false;
}

/* Below what a difference is not told: as in difference.c. */
static const struct {
	const char *none, *small;
} sames[QUESTIONS] = {
	[QUESTION_KEPT] = { " No difference is found in what they keep: ",
			    " What they keep differs by too little to be told (less than 1 % of "
			    "the peak): " },
	[QUESTION_COST] = { " No difference is found in what they cost: ",
			    " What they cost differs by too little to be told (less than 20 ms of "
			    "CPU time, or 1 %): " },
	[QUESTION_ANSWERS] = { " No difference is found in what their answers cost: ",
			       " What their answers cost differs by too little to be told (less "
			       "than 1 %): " },
};

static void write_noise(FILE *file, const struct summary *summary)
{
	if (!summary->repeated)
		return;
	write_answers(file, summary);
	for (int i = 0; i < QUESTIONS; i++) {
		write_same(file, summary, (enum question)i, false, sames[i].none);
		write_same(file, summary, (enum question)i, true, sames[i].small);
	}
	if (has_few(summary, QUESTION_KEPT))
		fprintf(file, " Too few repeats to tell differences from noise: %zu are needed.",
			question_needs(QUESTION_KEPT));
	else if (has_few(summary, QUESTION_COST))
		fprintf(file, " Too few repeats to tell what it costs: %zu are needed.",
			question_needs(QUESTION_COST));
}

char *takeaway(const struct summary *summary)
{
	char *text = NULL;
	size_t room;
	FILE *file = open_memstream(&text, &room);

	if (!file)
		return NULL;
	write_sentence(file, summary);
	write_noise(file, summary);
	if (!fclose(file))
		return text;
	free(text);
	return NULL;
}

int takeaway_print(const struct experiment *experiment, FILE *file)
{
	struct summary summary;
	char *text;
	int error = summary_build(&summary, experiment);

	if (error)
		return error;
	text = takeaway(&summary);
	summary_free(&summary);
	if (!text)
		return -ENOMEM;
	fprintf(file, "%s\n", text);
	free(text);
	return ferror(file) ? -EIO : 0;
}
