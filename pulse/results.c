/*
 * results.c - what is told of traffic. See results.h.
 */
#include "pulse/results.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "pulse/latency.h"
#include "server/base/units.h"

#define DURATION_TEXT 24 /* room for any duration */

int results_open(struct results *results, const char *record, const char *latency,
		 const struct document_head *head, FILE *output)
{
	*results = (struct results){ .latency_path = latency, .output = output };
	if (head) {
		results->document = document_create(head);
		if (!results->document)
			return -ENOMEM;
	}
	if (!record)
		return 0;
	results->record = fopen(record, "we");
	if (!results->record)
		return -errno;
	record_begin(&record_traffic, results->record);
	return fflush(results->record) ? -errno : 0;
}

static int add_row(struct results *results, const struct outcome *outcome)
{
	struct traffic_row *rows = reallocarray(results->rows, results->count + 1,
						sizeof(*results->rows));
	struct traffic_row *row;

	if (!rows)
		return -ENOMEM;
	results->rows = rows;
	row = &rows[results->count++];
	traffic_describe(&outcome->traffic, &outcome->phase, row);
	if (!results->record)
		return 0;
	record_append(&record_traffic, results->record, row);
	return fflush(results->record) ? -errno : 0;
}

int results_add(struct results *results, const struct outcome *outcome)
{
	if (results->document && document_append(results->document, outcome))
		return -ENOMEM;
	if (!traffic_any(&outcome->traffic))
		return 0;
	traffic_merge(&results->total, &outcome->traffic);
	return add_row(results, outcome);
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

static int write_latency(const struct histogram *histogram, const char *path)
{
	FILE *file = fopen(path, "we");
	int error;

	if (!file)
		return -errno;
	error = latency_write(histogram, file);
	return fclose(file) && !error ? -errno : error;
}

static int write_latencies(const struct results *results)
{
	char *raw;
	int error;

	if (!results->latency_path)
		return 0;
	error = write_latency(&results->total.corrected, results->latency_path);
	if (error || !results->total.raw.count)
		return error;
	if (asprintf(&raw, "%s.raw", results->latency_path) < 0)
		return -ENOMEM;
	error = write_latency(&results->total.raw, raw);
	free(raw);
	return error;
}

int results_close(struct results *results, const char **path)
{
	int error = 0;

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
	*path = "--traffic";
	if (results->record && fclose(results->record))
		error = -errno;
	if (!error) {
		*path = "--latency-file";
		error = write_latencies(results);
	}
	return error;
}
