/*
 * merge.c - adds up what several pulses measured in the same window. See merge.h.
 *
 * Histograms are added bucket by bucket; percentiles are read from the sum, as an average of
 * percentiles is no percentile of anything. Clocks of several machines are laid beside each other
 * by their real time, which must agree (NTP).
 */
#include "pulse/merge.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

/* The share of each window, so of the longest, that must be common to all. */
#define LEAST_COMMON 0.9

/*
 * Of one phase in all files. What is common gets less with each file, and the longest window no
 * shorter, so the order of the files makes no difference.
 */
struct overlap {
	uint64_t latest_start, earliest_end; /* ns, of those who wanted connections */
	uint64_t begin, end;		     /* ns, of the common window; begin 0: there is none */
	uint64_t longest;		     /* ns, of the windows */
};

struct source {
	const char *path;
	json_t *document;
	struct document_head head;
	struct outcome outcome; /* the phase under way */
};

static int refuse(char why[MERGE_WHY], const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(char why[MERGE_WHY], const char *path, const char *format, ...)
{
	int length = snprintf(why, MERGE_WHY, "%s: ", path);
	va_list arguments;

	va_start(arguments, format);
	if (length < MERGE_WHY)
		vsnprintf(why + length, MERGE_WHY - (size_t)length, format, arguments);
	va_end(arguments);
	return -EINVAL;
}

static int check_head(const struct merged *merged, const struct source *source, char why[MERGE_WHY])
{
	const struct document_head *first = &merged->head, *head = &source->head;

	if (strcmp(head->protocol, first->protocol) != 0)
		return refuse(why, source->path, "protocol %s, the first file has %s",
			      head->protocol, first->protocol);
	if (head->message != first->message)
		return refuse(why, source->path,
			      "messages of %" PRIu64 " bytes, the first file has %" PRIu64,
			      head->message, first->message);
	if (!head->ops != !first->ops)
		return refuse(why, source->path, "%s loop, the first file has the other",
			      head->ops ? "open" : "closed");
	if (document_phases(source->document) != merged->count)
		return refuse(why, source->path, "%zu phases, the first file has %zu",
			      document_phases(source->document), merged->count);
	return 0;
}

static bool is_same_pulse(const struct clock_stamp *a, const struct clock_stamp *b)
{
	return a->monotonic == b->monotonic && a->realtime == b->realtime &&
	       !strcmp(a->boot_id, b->boot_id);
}

/* Nothing is counted twice. What went into a merged file is not known, so it stands alone. */
static int check_new(const struct source *sources, size_t index, size_t count, char why[MERGE_WHY])
{
	const struct source *source = &sources[index];

	if (count > 1 && source->head.pulses > 1)
		return refuse(why, source->path,
			      "a merge of %" PRIu64 " pulses; give the files of these instead",
			      source->head.pulses);
	for (size_t i = 0; i < index; i++)
		if (is_same_pulse(&sources[i].head.stamp, &source->head.stamp))
			return refuse(why, source->path, "the same pulse as %s", sources[i].path);
	return 0;
}

static int open_source(struct source *source, char why[MERGE_WHY])
{
	json_error_t error;

	source->document = json_load_file(source->path, 0, &error);
	if (!source->document)
		return refuse(why, source->path, "cannot be read as JSON: %s", error.text);
	if (document_read_head(source->document, &source->head))
		return refuse(why, source->path, "not written by this version of pulse --json");
	return 0;
}

static void shift(uint64_t *moment, uint64_t by)
{
	if (*moment != RECORD_ABSENT && *moment)
		*moment += by;
}

/* From the document's own clock to that of the first one; unsigned differences wrap. */
static void shift_times(struct outcome *outcome, const struct clock_stamp *from,
			const struct clock_stamp *to)
{
	uint64_t by = (from->realtime - from->monotonic) - (to->realtime - to->monotonic);

	shift(&outcome->phase.start, by);
	shift(&outcome->phase.established, by);
	shift(&outcome->phase.closing, by);
	shift(&outcome->phase.end, by);
	shift(&outcome->traffic.begin, by);
	shift(&outcome->traffic.end, by);
}

static void narrow(struct overlap *overlap, const struct outcome *outcome)
{
	const struct phase *phase = &outcome->phase;
	const struct traffic *traffic = &outcome->traffic;

	if (phase->wanted) {
		overlap->latest_start = MAX(overlap->latest_start, phase->start);
		overlap->earliest_end = MIN(overlap->earliest_end, phase->end);
	}
	overlap->begin = MAX(overlap->begin, traffic->begin);
	overlap->end = MIN(overlap->end, traffic->end);
	overlap->longest = MAX(overlap->longest, traffic->end - traffic->begin);
}

static double common_share(const struct overlap *overlap)
{
	if (!overlap->begin)
		return 1;
	if (overlap->begin >= overlap->end)
		return 0;
	return (double)(overlap->end - overlap->begin) / (double)overlap->longest;
}

/* Pulses that began minutes apart did not load a server together, whether they talked or not. */
static int check_phase(const struct outcome *merged, const struct overlap *overlap,
		       const struct source *source, char why[MERGE_WHY])
{
	const struct phase *phase = &source->outcome.phase;
	double common = common_share(overlap);

	if (strcmp(phase->name, merged->phase.name) != 0 || phase->number != merged->phase.number)
		return refuse(why, source->path,
			      "%s %" PRIu64 " stands where the first file has %s %" PRIu64,
			      phase->name, phase->number, merged->phase.name, merged->phase.number);
	if (overlap->latest_start >= overlap->earliest_end)
		return refuse(why, source->path, "%s %" PRIu64 " was at another time (--start-at)",
			      phase->name, phase->number);
	if (common < LEAST_COMMON)
		return refuse(why, source->path,
			      "%s %" PRIu64 ": only %.0f %% of the window is common to all; it "
			      "opens when all are connected (--start-at, a longer --linger)",
			      phase->name, phase->number, 100 * common);
	return 0;
}

static int take_phase(struct merged *merged, struct source *source, size_t index,
		      char why[MERGE_WHY])
{
	if (document_read_phase(source->document, index, &source->outcome))
		return refuse(why, source->path, "phase %zu is damaged", index + 1);
	shift_times(&source->outcome, &source->head.stamp, &merged->head.stamp);
	narrow(&merged->overlaps[index], &source->outcome);
	if (!merged->head.pulses) {
		merged->outcomes[index] = source->outcome;
		return 0;
	}
	if (check_phase(&merged->outcomes[index], &merged->overlaps[index], source, why))
		return -EINVAL;
	outcome_merge(&merged->outcomes[index], &source->outcome);
	return 0;
}

static int take_head(struct merged *merged, const struct source *source, char why[MERGE_WHY])
{
	if (merged->outcomes)
		return check_head(merged, source, why);
	merged->head = source->head;
	merged->head.pulses = merged->head.ops = 0;
	merged->count = document_phases(source->document);
	merged->outcomes = calloc(MAX(merged->count, 1), sizeof(*merged->outcomes));
	merged->overlaps = calloc(MAX(merged->count, 1), sizeof(*merged->overlaps));
	if (!merged->outcomes || !merged->overlaps)
		return refuse(why, source->path, "not enough memory");
	for (size_t i = 0; i < merged->count; i++)
		merged->overlaps[i] = (struct overlap){ .earliest_end = UINT64_MAX,
							.end = UINT64_MAX };
	return 0;
}

static int take_file(struct merged *merged, struct source *sources, size_t index, size_t count,
		     char why[MERGE_WHY])
{
	struct source *source = &sources[index];
	int error = open_source(source, why);

	if (!error)
		error = take_head(merged, source, why);
	if (!error)
		error = check_new(sources, index, count, why);
	for (size_t i = 0; !error && i < merged->count; i++)
		error = take_phase(merged, source, i, why);
	json_decref(source->document);
	merged->head.pulses += source->head.pulses;
	merged->head.ops += source->head.ops;
	return error;
}

int merge_files(struct merged *merged, char *const *paths, char why[MERGE_WHY])
{
	struct source *sources;
	size_t count = 0;
	int error = 0;

	*merged = (struct merged){ 0 };
	while (paths[count])
		count++;
	sources = calloc(count, sizeof(*sources));
	if (!sources)
		return refuse(why, *paths, "not enough memory");
	for (size_t i = 0; !error && i < count; i++) {
		sources[i].path = paths[i];
		error = take_file(merged, sources, i, count, why);
	}
	free(sources);
	if (error)
		merge_free(merged);
	return error;
}

void merge_free(struct merged *merged)
{
	free(merged->outcomes);
	free(merged->overlaps);
	merged->outcomes = NULL;
	merged->overlaps = NULL;
}
