/*
 * results.c - what is told of traffic. See results.h.
 */
#include "pulse/results.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pulse/latency.h"
#include "server/base/units.h"

#define DURATION_TEXT 24 /* room for any duration */

static int explain(char why[RESULTS_WHY], const char *option, const char *path, int error)
{
	snprintf(why, RESULTS_WHY, "%s %s: %s", option, path, strerror(-error));
	return error;
}

static int open_record(struct results *results, char why[RESULTS_WHY])
{
	if (!results->record_path)
		return 0;
	results->record = fopen(results->record_path, "we");
	if (!results->record)
		return explain(why, "--traffic", results->record_path, -errno);
	record_begin(&record_traffic, results->record);
	if (fflush(results->record))
		return explain(why, "--traffic", results->record_path, -errno);
	return 0;
}

static int open_latency(FILE **file, const char *path, char why[RESULTS_WHY])
{
	*file = fopen(path, "we");
	return *file ? 0 : explain(why, "--latency-file", path, -errno);
}

static int open_latencies(struct results *results, char why[RESULTS_WHY])
{
	int error;

	if (!results->latency_path)
		return 0;
	if (asprintf(&results->raw_path, "%s.raw", results->latency_path) < 0) {
		results->raw_path = NULL;
		return explain(why, "--latency-file", results->latency_path, -ENOMEM);
	}
	error = open_latency(&results->latency, results->latency_path, why);
	return error ? error : open_latency(&results->raw, results->raw_path, why);
}

int results_open(struct results *results, const char *record, const char *latency,
		 const struct document_head *head, FILE *output, char why[RESULTS_WHY])
{
	int error;

	*results = (struct results){
		.record_path = record,
		.latency_path = latency,
		.output = output,
	};
	if (head) {
		results->document = document_create(head);
		if (!results->document)
			return explain(why, "--json", "on standard output", -ENOMEM);
	}
	error = open_record(results, why);
	return error ? error : open_latencies(results, why);
}

/* What could not be written is not tried again at the end. */
static int append(struct results *results, const struct traffic_row *row, char why[RESULTS_WHY])
{
	int error;

	if (!results->record)
		return 0;
	record_append(&record_traffic, results->record, row);
	if (!fflush(results->record))
		return 0;
	error = explain(why, "--traffic", results->record_path, -errno);
	fclose(results->record);
	results->record = NULL;
	return error;
}

static int add_row(struct results *results, const struct outcome *outcome, char why[RESULTS_WHY])
{
	struct traffic_row *rows = reallocarray(results->rows, results->count + 1,
						sizeof(*results->rows));
	struct traffic_row *row;

	if (!rows)
		return explain(why, "the table", "of traffic", -ENOMEM);
	results->rows = rows;
	row = &rows[results->count++];
	traffic_describe(&outcome->traffic, &outcome->phase, row);
	return append(results, row, why);
}

int results_add(struct results *results, const struct outcome *outcome, char why[RESULTS_WHY])
{
	if (results->document && document_append(results->document, outcome))
		return explain(why, "--json", "on standard output", -ENOMEM);
	if (!traffic_any(&outcome->traffic))
		return 0;
	traffic_merge(&results->total, &outcome->traffic);
	return add_row(results, outcome, why);
}

/* RECORD_ABSENT is shown as a dash. */
static const char *show(char text[DURATION_TEXT], uint64_t ns)
{
	if (ns == RECORD_ABSENT)
		return "-";
	return format_duration(text, DURATION_TEXT, (double)ns);
}

static void write_head(FILE *file)
{
	fprintf(file, "\n%-12s %11s %9s %9s %9s %9s %9s %9s %9s %9s  %s\n", "traffic", "operations",
		"a second", "p50", "p90", "p99", "p99.9", "max", "raw p50", "raw p99", "not right");
}

/* "3 unsent, 1 wrong"; a dash when all is well. */
static void write_faults(FILE *file, const struct traffic_row *row)
{
	const struct {
		uint64_t count;
		const char *words;
	} faults[] = {
		{ row->wrong, "wrong" },
		{ row->timeouts, "timed out" },
		{ row->unsent, "unsent" },
		{ row->late, "late" },
		{ row->out_of_range, "out of range" },
	};
	const char *before = "  ";

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (!faults[i].count)
			continue;
		fprintf(file, "%s%" PRIu64 " %s", before, faults[i].count, faults[i].words);
		before = ", ";
	}
	fputs(*before == ' ' ? "  -\n" : "\n", file);
}

static double per_second(const struct traffic_row *row)
{
	if (row->begin == RECORD_ABSENT || !row->length)
		return 0;
	return (double)row->operations * 1e9 / (double)row->length;
}

static void write_row(FILE *file, const struct traffic_row *row)
{
	char name[RECORD_NAME + 24];
	char p50[DURATION_TEXT], p90[DURATION_TEXT], p99[DURATION_TEXT], p999[DURATION_TEXT];
	char max[DURATION_TEXT], raw_p50[DURATION_TEXT], raw_p99[DURATION_TEXT];

	snprintf(name, sizeof(name), "%s %" PRIu64, row->name, row->number);
	fprintf(file, "%-12s %11" PRIu64 " %9.0f %9s %9s %9s %9s %9s %9s %9s", name,
		row->operations, per_second(row), show(p50, row->p50), show(p90, row->p90),
		show(p99, row->p99), show(p999, row->p999), show(max, row->max),
		show(raw_p50, row->raw_p50), show(raw_p99, row->raw_p99));
	write_faults(file, row);
}

static int write_latency(const struct histogram *histogram, FILE *file, const char *path,
			 char why[RESULTS_WHY])
{
	int error;

	if (!file)
		return 0;
	error = latency_write(histogram, file);
	if (fclose(file) && !error)
		error = -errno;
	return error ? explain(why, "--latency-file", path, error) : 0;
}

/* Without uncorrected latencies, as in a feed, there is no file of them. */
static int write_latencies(struct results *results, char why[RESULTS_WHY])
{
	const struct traffic *total = &results->total;
	int error, raw_error;

	raw_error = write_latency(&total->raw, results->raw, results->raw_path, why);
	if (results->raw && !total->raw.count)
		unlink(results->raw_path);
	error = write_latency(&total->corrected, results->latency, results->latency_path, why);
	free(results->raw_path);
	return error ? error : raw_error;
}

static void write_output(struct results *results)
{
	if (results->document) {
		json_dumpf(results->document, results->output, 0);
		fputc('\n', results->output);
		json_decref(results->document);
	} else if (results->count) {
		write_head(results->output);
		for (size_t i = 0; i < results->count; i++)
			write_row(results->output, &results->rows[i]);
	}
	free(results->rows);
}

int results_close(struct results *results, char why[RESULTS_WHY])
{
	int error;

	write_output(results);
	error = write_latencies(results, why);
	if (results->record && fclose(results->record))
		error = explain(why, "--traffic", results->record_path, -errno);
	return error;
}
