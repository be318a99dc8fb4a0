/*
 * record.c - the CSV files of a run directory. See record.h.
 *
 * A kind is a table of columns; one writer and one reader serve them all.
 */
#include "server/base/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/clock.h"

struct column {
	const char *name;
	size_t offset; /* of a uint64_t, or of a char[RECORD_NAME] */
};

struct record_kind {
	const char *name;
	size_t size;
	const struct column *columns;
	size_t count;
	size_t names; /* so many of the first columns are names, the others numbers */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct column sample_columns[] = {
	{ "time_ns", offsetof(struct sample, time) },
	{ "anon_bytes", offsetof(struct sample, anon) },
	{ "opened", offsetof(struct sample, opened) },
	{ "closed", offsetof(struct sample, closed) },
	{ "shed", offsetof(struct sample, shed) },
	{ "live_bytes", offsetof(struct sample, live_bytes) },
	{ "live_blocks", offsetof(struct sample, live_blocks) },
	{ "state_bytes", offsetof(struct sample, state_bytes) },
	{ "table_bytes", offsetof(struct sample, table_bytes) },
	{ "last_close_ns", offsetof(struct sample, last_close) },
	{ "releases", offsetof(struct sample, releases) },
	{ "stall_total_ns", offsetof(struct sample, stall_total) },
	{ "stall_max_ns", offsetof(struct sample, stall_max) },
	{ "released_bytes", offsetof(struct sample, released_bytes) },
	{ "heap_used_bytes", offsetof(struct sample, heap_used) },
	{ "heap_free_bytes", offsetof(struct sample, heap_free) },
};

static const struct column rollup_columns[] = {
	{ "time_ns", offsetof(struct rollup, time) },
	{ "rss_bytes", offsetof(struct rollup, rss) },
	{ "pss_bytes", offsetof(struct rollup, pss) },
	{ "anon_bytes", offsetof(struct rollup, anon) },
	{ "anon_huge_bytes", offsetof(struct rollup, anon_huge) },
	{ "lazyfree_bytes", offsetof(struct rollup, lazyfree) },
	{ "swap_bytes", offsetof(struct rollup, swap) },
	{ "minor_faults", offsetof(struct rollup, minor_faults) },
	{ "major_faults", offsetof(struct rollup, major_faults) },
	{ "cpu_user_ns", offsetof(struct rollup, cpu_user) },
	{ "cpu_system_ns", offsetof(struct rollup, cpu_system) },
	{ "threads", offsetof(struct rollup, threads) },
	{ "cgroup_bytes", offsetof(struct rollup, cgroup_bytes) },
	{ "cost_ns", offsetof(struct rollup, cost) },
	{ "probe_cpu_ns", offsetof(struct rollup, probe_cpu) },
};

static const struct column cpu_columns[] = {
	{ "time_ns", offsetof(struct cpu_row, time) },
	{ "processes", offsetof(struct cpu_row, processes) },
	{ "cpu_ns", offsetof(struct cpu_row, cpu) },
};

static const struct column thread_columns[] = {
	{ "name", offsetof(struct thread_row, name) },
	{ "time_ns", offsetof(struct thread_row, time) },
	{ "pid", offsetof(struct thread_row, pid) },
	{ "thread", offsetof(struct thread_row, thread) },
	{ "threads", offsetof(struct thread_row, threads) },
	{ "cpu_ns", offsetof(struct thread_row, cpu) },
	{ "cpu_user_ns", offsetof(struct thread_row, user) },
	{ "cpu_system_ns", offsetof(struct thread_row, system) },
};

static const struct column phase_columns[] = {
	{ "phase", offsetof(struct phase, name) },
	{ "number", offsetof(struct phase, number) },
	{ "start_ns", offsetof(struct phase, start) },
	{ "established_ns", offsetof(struct phase, established) },
	{ "closing_ns", offsetof(struct phase, closing) },
	{ "end_ns", offsetof(struct phase, end) },
	{ "wanted", offsetof(struct phase, wanted) },
	{ "connected", offsetof(struct phase, connected) },
	{ "lost_refused", offsetof(struct phase, lost_refused) },
	{ "lost_reset", offsetof(struct phase, lost_reset) },
	{ "lost_timeout", offsetof(struct phase, lost_timeout) },
	{ "lost_ports", offsetof(struct phase, lost_ports) },
	{ "lost_files", offsetof(struct phase, lost_files) },
	{ "lost_wrong", offsetof(struct phase, lost_wrong) },
	{ "lost_other", offsetof(struct phase, lost_other) },
	{ "survivors", offsetof(struct phase, survivors) },
	{ "connect_p50_ns", offsetof(struct phase, connect_p50) },
	{ "connect_p90_ns", offsetof(struct phase, connect_p90) },
	{ "connect_p99_ns", offsetof(struct phase, connect_p99) },
	{ "connect_max_ns", offsetof(struct phase, connect_max) },
	{ "raw_p50_ns", offsetof(struct phase, raw_p50) },
	{ "raw_p90_ns", offsetof(struct phase, raw_p90) },
	{ "raw_p99_ns", offsetof(struct phase, raw_p99) },
	{ "raw_max_ns", offsetof(struct phase, raw_max) },
	{ "out_of_range", offsetof(struct phase, out_of_range) },
};

static const struct column traffic_columns[] = {
	{ "phase", offsetof(struct traffic_row, name) },
	{ "number", offsetof(struct traffic_row, number) },
	{ "begin_ns", offsetof(struct traffic_row, begin) },
	{ "end_ns", offsetof(struct traffic_row, end) },
	{ "length_ns", offsetof(struct traffic_row, length) },
	{ "operations", offsetof(struct traffic_row, operations) },
	{ "outside", offsetof(struct traffic_row, outside) },
	{ "unsent", offsetof(struct traffic_row, unsent) },
	{ "wrong", offsetof(struct traffic_row, wrong) },
	{ "timeouts", offsetof(struct traffic_row, timeouts) },
	{ "late", offsetof(struct traffic_row, late) },
	{ "sent_bytes", offsetof(struct traffic_row, bytes_sent) },
	{ "received_bytes", offsetof(struct traffic_row, bytes_received) },
	{ "latency_p50_ns", offsetof(struct traffic_row, p50) },
	{ "latency_p90_ns", offsetof(struct traffic_row, p90) },
	{ "latency_p99_ns", offsetof(struct traffic_row, p99) },
	{ "latency_p999_ns", offsetof(struct traffic_row, p999) },
	{ "latency_max_ns", offsetof(struct traffic_row, max) },
	{ "raw_p50_ns", offsetof(struct traffic_row, raw_p50) },
	{ "raw_p90_ns", offsetof(struct traffic_row, raw_p90) },
	{ "raw_p99_ns", offsetof(struct traffic_row, raw_p99) },
	{ "raw_p999_ns", offsetof(struct traffic_row, raw_p999) },
	{ "raw_max_ns", offsetof(struct traffic_row, raw_max) },
	{ "out_of_range", offsetof(struct traffic_row, out_of_range) },
};

static const struct column release_columns[] = {
	{ "call", offsetof(struct release_row, call) },
	{ "advice", offsetof(struct release_row, advice) },
	{ "cause", offsetof(struct release_row, cause) },
	{ "pid", offsetof(struct release_row, pid) },
	{ "stack", offsetof(struct release_row, stack) },
	{ "calls", offsetof(struct release_row, calls) },
	{ "failed", offsetof(struct release_row, failed) },
	{ "asked_bytes", offsetof(struct release_row, asked) },
	{ "freed_bytes", offsetof(struct release_row, freed) },
	{ "freed_other_bytes", offsetof(struct release_row, freed_other) },
	{ "swapped_bytes", offsetof(struct release_row, swapped) },
	{ "duration_ns", offsetof(struct release_row, duration) },
	{ "longest_ns", offsetof(struct release_row, longest) },
};

static const struct column event_columns[] = {
	{ "call", offsetof(struct release_event_row, call) },
	{ "advice", offsetof(struct release_event_row, advice) },
	{ "cause", offsetof(struct release_event_row, cause) },
	{ "time_ns", offsetof(struct release_event_row, time) },
	{ "pid", offsetof(struct release_event_row, pid) },
	{ "thread", offsetof(struct release_event_row, thread) },
	{ "stack", offsetof(struct release_event_row, stack) },
	{ "asked_bytes", offsetof(struct release_event_row, asked) },
	{ "freed_bytes", offsetof(struct release_event_row, freed) },
	{ "freed_other_bytes", offsetof(struct release_event_row, freed_other) },
	{ "swapped_bytes", offsetof(struct release_event_row, swapped) },
	{ "duration_ns", offsetof(struct release_event_row, duration) },
};

static const struct column process_columns[] = {
	{ "time_ns", offsetof(struct process_row, time) },
	{ "pid", offsetof(struct process_row, pid) },
	{ "threads", offsetof(struct process_row, threads) },
	{ "anon_bytes", offsetof(struct process_row, anon) },
	{ "file_bytes", offsetof(struct process_row, file) },
	{ "shmem_bytes", offsetof(struct process_row, shmem) },
	{ "swap_bytes", offsetof(struct process_row, swap) },
	{ "minor_faults", offsetof(struct process_row, minor_faults) },
	{ "major_faults", offsetof(struct process_row, major_faults) },
};

static const struct column bill_columns[] = {
	{ "end", offsetof(struct bill_row, end) },
	{ "role", offsetof(struct bill_row, role) },
	{ "time_ns", offsetof(struct bill_row, time) },
	{ "connections", offsetof(struct bill_row, connections) },
	{ "total_bytes", offsetof(struct bill_row, total) },
	{ "least_bytes", offsetof(struct bill_row, least) },
	{ "median_bytes", offsetof(struct bill_row, median) },
	{ "most_bytes", offsetof(struct bill_row, most) },
	{ "source", offsetof(struct bill_row, source) },
	{ "cost_ns", offsetof(struct bill_row, cost) },
};

static const struct column churn_columns[] = {
	{ "call", offsetof(struct churn_row, call) },
	{ "cache", offsetof(struct churn_row, cache) },
	{ "allocations", offsetof(struct churn_row, allocations) },
	{ "allocated_bytes", offsetof(struct churn_row, allocated) },
	{ "frees", offsetof(struct churn_row, frees) },
	{ "freed_bytes", offsetof(struct churn_row, freed) },
};

static const struct column loss_columns[] = {
	{ "loss", offsetof(struct loss_row, what) },
	{ "program", offsetof(struct loss_row, program) },
	{ "count", offsetof(struct loss_row, count) },
};

const struct record_kind record_samples = { "samples", sizeof(struct sample), sample_columns,
					    COUNT(sample_columns), 0 };
const struct record_kind record_rollups = { "rollups", sizeof(struct rollup), rollup_columns,
					    COUNT(rollup_columns), 0 };
const struct record_kind record_cpu = { "cpu", sizeof(struct cpu_row), cpu_columns,
					COUNT(cpu_columns), 0 };
const struct record_kind record_threads = { "threads", sizeof(struct thread_row), thread_columns,
					    COUNT(thread_columns), 1 };
const struct record_kind record_phases = { "phases", sizeof(struct phase), phase_columns,
					   COUNT(phase_columns), 1 };
const struct record_kind record_traffic = { "traffic", sizeof(struct traffic_row), traffic_columns,
					    COUNT(traffic_columns), 1 };
const struct record_kind record_releases = { "releases", sizeof(struct release_row),
					     release_columns, COUNT(release_columns), 3 };
const struct record_kind record_events = { "events", sizeof(struct release_event_row),
					   event_columns, COUNT(event_columns), 3 };
const struct record_kind record_processes = { "processes", sizeof(struct process_row),
					      process_columns, COUNT(process_columns), 0 };
const struct record_kind record_bill = { "bill", sizeof(struct bill_row), bill_columns,
					 COUNT(bill_columns), 2 };
const struct record_kind record_churn = { "churn", sizeof(struct churn_row), churn_columns,
					  COUNT(churn_columns), 2 };
const struct record_kind record_losses = { "losses", sizeof(struct loss_row), loss_columns,
					   COUNT(loss_columns), 2 };

int record_begin(const struct record_kind *kind, FILE *file)
{
	struct clock_stamp stamp;

	clock_stamp(&stamp);
	fprintf(file,
		"# tidemark %s %d boot_id=%s monotonic_ns=%" PRIu64 " realtime_ns=%" PRIu64 "\n",
		kind->name, RECORD_VERSION, stamp.boot_id, stamp.monotonic, stamp.realtime);
	for (size_t i = 0; i < kind->count; i++)
		fprintf(file, "%s%s", i ? "," : "", kind->columns[i].name);
	fputc('\n', file);
	return ferror(file) ? -EIO : 0;
}

int record_append(const struct record_kind *kind, FILE *file, const void *row)
{
	for (size_t i = 0; i < kind->count; i++) {
		const struct column *column = &kind->columns[i];
		const char *field = (const char *)row + column->offset;
		uint64_t number;

		if (i)
			fputc(',', file);
		if (i < kind->names) {
			fputs(field, file);
			continue;
		}
		memcpy(&number, field, sizeof(number));
		if (number != RECORD_ABSENT)
			fprintf(file, "%" PRIu64, number);
	}
	fputc('\n', file);
	return ferror(file) ? -EIO : 0;
}

static int parse_name(const char *text, size_t length, char *field)
{
	if (!length || length >= RECORD_NAME)
		return -EBADMSG;
	memcpy(field, text, length);
	field[length] = '\0';
	return 0;
}

static int parse_number(const char *text, size_t length, char *field)
{
	uint64_t number = RECORD_ABSENT;
	char digits[24];

	if (length) {
		if (length >= sizeof(digits) || strspn(text, "0123456789") < length)
			return -EBADMSG;
		memcpy(digits, text, length);
		digits[length] = '\0';
		errno = 0;
		number = strtoull(digits, NULL, 10);
		if (errno)
			return -EBADMSG;
	}
	memcpy(field, &number, sizeof(number));
	return 0;
}

static int parse_row(const struct record_kind *kind, const char *line, void *row)
{
	memset(row, 0, kind->size);
	for (size_t i = 0; i < kind->count; i++) {
		size_t length = strcspn(line, ",\n");
		char expected = i + 1 < kind->count ? ',' : '\n';
		char *field = (char *)row + kind->columns[i].offset;

		/* A row without its line end was cut off while it was written. */
		if (line[length] != expected)
			return -EBADMSG;
		if (i < kind->names ? parse_name(line, length, field)
				    : parse_number(line, length, field))
			return -EBADMSG;
		line += length + 1;
	}
	return 0;
}

static int check_head(const struct record_kind *kind, const char *first, const char *second)
{
	char name[RECORD_NAME];
	int version;

	if (sscanf(first, "# tidemark %15s %d ", name, &version) != 2 || strcmp(name, kind->name) ||
	    version != RECORD_VERSION)
		return -EPROTO;
	for (size_t i = 0; i < kind->count; i++) {
		size_t length = strcspn(second, ",\n");

		if (length != strlen(kind->columns[i].name) ||
		    memcmp(second, kind->columns[i].name, length))
			return -EPROTO;
		second += length + (second[length] ? 1 : 0);
	}
	return 0;
}

static int load_rows(const struct record_kind *kind, FILE *file, char **text, size_t *room,
		     void **rows, size_t *count, size_t *line)
{
	size_t capacity = 0;
	char *grown;

	*line = 3;
	for (; getline(text, room, file) > 0; (*line)++) {
		if (*count == capacity) {
			capacity = capacity ? 2 * capacity : 64;
			grown = reallocarray(*rows, capacity, kind->size);
			if (!grown)
				return -ENOMEM;
			*rows = grown;
		}
		if (parse_row(kind, *text, (char *)*rows + *count * kind->size))
			return -EBADMSG;
		(*count)++;
	}
	return ferror(file) ? -EIO : 0;
}

int record_load(const struct record_kind *kind, const char *path, void **rows, size_t *count,
		size_t *line)
{
	FILE *file = fopen(path, "re");
	char *first = NULL, *second = NULL;
	size_t room = 0, more = 0;
	int error;

	*rows = NULL;
	*count = 0;
	*line = 1;
	if (!file)
		return -errno;
	if (getline(&first, &room, file) < 0 || getline(&second, &more, file) < 0)
		error = -EPROTO;
	else
		error = check_head(kind, first, second);
	free(second);
	if (!error)
		error = load_rows(kind, file, &first, &room, rows, count, line);
	free(first);
	fclose(file);
	if (error) {
		free(*rows);
		*rows = NULL;
		*count = 0;
	}
	return error;
}
