/*
 * synthetic.h - runs whose metrics are known beforehand, in memory and on disk.
 */
#ifndef TESTS_UNIT_SYNTHETIC_H
#define TESTS_UNIT_SYNTHETIC_H

#include <ftw.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/recording.h"
#include "server/base/units.h"

#define MIB 1048576ull
#define MS  NS_PER_MS

/* The schedule of every synthetic run, in seconds from its epoch; see synthetic_schedule(). */
#define BURST_2	   6
#define LAST_CLOSE 8
#define WINDOW_END 23

static inline void *synthetic_grow(void *rows, size_t *count, const void *row, size_t size)
{
	char *grown = reallocarray(rows, *count + 1, size);

	if (!grown)
		abort();
	memcpy(grown + (*count)++ * size, row, size);
	return grown;
}

/* The new sample, all absent but these. */
static inline struct sample *synthetic_sample(struct recording *recording, uint64_t time,
					      uint64_t anon, uint64_t live)
{
	struct sample sample;

	memset(&sample, 0xff, sizeof(sample));
	sample.time = time;
	sample.anon = anon;
	sample.live_bytes = live;
	recording->samples = synthetic_grow(recording->samples, &recording->sample_count, &sample,
					    sizeof(sample));
	return &recording->samples[recording->sample_count - 1];
}

static inline struct rollup *synthetic_rollup(struct recording *recording, uint64_t time)
{
	struct rollup rollup;

	memset(&rollup, 0xff, sizeof(rollup));
	rollup.time = time;
	recording->rollups = synthetic_grow(recording->rollups, &recording->rollup_count, &rollup,
					    sizeof(rollup));
	return &recording->rollups[recording->rollup_count - 1];
}

static inline struct phase *synthetic_phase(struct recording *recording, const char *name,
					    uint64_t number, uint64_t start, uint64_t end)
{
	struct phase phase = { .number = number, .start = start, .end = end };

	memcpy(phase.name, name, strlen(name) + 1);
	recording->phases = synthetic_grow(recording->phases, &recording->phase_count, &phase,
					   sizeof(phase));
	return &recording->phases[recording->phase_count - 1];
}

/* rest 0-2 s, burst 2-4, gap 4-6, burst 6-8, window 8-23, trickle 23-24. */
static inline void synthetic_schedule(struct recording *recording, uint64_t epoch)
{
	static const struct {
		const char *name;
		uint64_t number, start, end;
	} steps[] = {
		{ "rest", 1, 0, 2 },
		{ "burst", 1, 2, 4 },
		{ "gap", 1, 4, 6 },
		{ "burst", 2, BURST_2, LAST_CLOSE },
		{ "window", 1, LAST_CLOSE, WINDOW_END },
		{ "trickle", 1, WINDOW_END, 24 },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		synthetic_phase(recording, steps[i].name, steps[i].number,
				epoch + steps[i].start * NS_PER_S, epoch + steps[i].end * NS_PER_S);
}

/*
 * A run with that schedule and a sample every 10 ms: 10 MiB held at rest, 110 with all live in the
 * bursts, 5 MiB live after them; after(t) MiB are held t seconds after each burst's end. The
 * server's stamp of a last close is the burst's end.
 */
static inline void synthetic_run(struct recording *recording, uint64_t epoch,
				 double (*after)(double seconds))
{
	memset(recording, 0, sizeof(*recording));
	synthetic_schedule(recording, epoch);
	for (uint64_t ms = 0; ms <= 24000; ms += 10) {
		bool first = ms >= 2000 && ms < 4000, second = ms >= 6000 && ms < 8000;
		double since = (double)ms / 1000 - (ms < 6000 ? 4 : LAST_CLOSE);
		uint64_t closed = ms >= 8000 ? 8000 : ms >= 4000 ? 4000 : 0;
		double held = first || second ? 110 : ms < 2000 ? 10 : after(since);
		uint64_t live = first || second ? 100 : ms < 2000 ? 0 : 5;
		struct sample *sample = synthetic_sample(
			recording, epoch + ms * MS, (uint64_t)(held * (double)MIB), live * MIB);

		sample->last_close = closed ? epoch + closed * MS : 0;
		sample->releases = 0;
	}
}

static inline void synthetic_total(struct usage *usage, uint64_t time, uint64_t cpu)
{
	struct cpu_row row = { .time = time, .processes = 1, .cpu = cpu };

	usage->totals = synthetic_grow(usage->totals, &usage->total_count, &row, sizeof(row));
}

/* A quarter of it is user time. With the thread RECORD_ABSENT it is the rest of the process. */
static inline void synthetic_thread(struct usage *usage, uint64_t time, const char *name,
				    uint64_t thread, uint64_t cpu)
{
	struct thread_row row = { .time = time,
				  .pid = 1,
				  .thread = thread,
				  .threads = thread != RECORD_ABSENT,
				  .cpu = cpu,
				  .user = cpu / 4,
				  .system = cpu - cpu / 4 };

	strcpy(row.name, name);
	usage->threads = synthetic_grow(usage->threads, &usage->thread_count, &row, sizeof(row));
}

/*
 * CPU time for a synthetic_run(): half a CPU in the first burst, two in the second; read every
 * 10 ms, and once a second of two threads: "main" has a quarter of it and "worker" the rest.
 */
static inline void synthetic_usage(struct usage *usage, uint64_t epoch)
{
	for (uint64_t ms = 0; ms <= 24000; ms += 10) {
		uint64_t first = ms < 2000 ? 0 : ms < 4000 ? ms - 2000 : 2000;
		uint64_t second = ms < 6000 ? 0 : ms < 8000 ? ms - 6000 : 2000;
		uint64_t time = epoch + ms * MS, cpu = (first / 2 + second * 2) * MS;

		synthetic_total(usage, time, cpu);
		if (ms % 1000)
			continue;
		synthetic_thread(usage, time, "main", 1, cpu / 4);
		synthetic_thread(usage, time, "worker", 2, cpu - cpu / 4);
		synthetic_thread(usage, time, "-", RECORD_ABSENT, 0);
	}
}

/* Answers within the window of a burst, all of it: p50 and p99 in us. */
static inline struct traffic_row *synthetic_traffic(struct operations *operations,
						    const struct phase *phase, uint64_t answered,
						    uint64_t p50, uint64_t p99)
{
	struct traffic_row row = { .number = phase->number,
				   .begin = phase->start,
				   .end = phase->end,
				   .length = phase->end - phase->start,
				   .operations = answered,
				   .p50 = p50 * 1000,
				   .p99 = p99 * 1000 };

	strcpy(row.name, phase->name);
	operations->rows = synthetic_grow(operations->rows, &operations->count, &row, sizeof(row));
	return &operations->rows[operations->count - 1];
}

/* A loss, or with "missed" and 0 the sign that a program ran. */
static inline void synthetic_loss(struct evidence *evidence, const char *what, const char *program,
				  uint64_t count)
{
	struct loss_row row = { .count = count };

	strcpy(row.what, what);
	strcpy(row.program, program);
	evidence->losses = synthetic_grow(evidence->losses, &evidence->loss_count, &row,
					  sizeof(row));
	evidence->recorded = true;
}

/* All programs ran and nothing was lost. */
static inline void synthetic_programs(struct evidence *evidence)
{
	static const char *const programs[] = { "page_freed", "madvise_exit",  "munmap_exit",
						"brk_exit",   "mremap_exit",   "pmadvise_exit",
						"bill_table", "release_begin", "processes_table" };

	synthetic_loss(evidence, "events_dropped", "-", 0);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		synthetic_loss(evidence, "missed", programs[i], 0);
}

static inline struct release_row *synthetic_release(struct evidence *evidence, const char *cause,
						    uint64_t freed, uint64_t swapped)
{
	struct release_row row = { .call = "madvise",
				   .advice = "dontneed",
				   .pid = 1,
				   .calls = 1,
				   .asked = freed,
				   .freed = freed,
				   .swapped = swapped };

	strcpy(row.cause, cause);
	evidence->releases = synthetic_grow(evidence->releases, &evidence->release_count, &row,
					    sizeof(row));
	return &evidence->releases[evidence->release_count - 1];
}

static inline void synthetic_event(struct evidence *evidence, const char *cause, uint64_t time,
				   uint64_t freed)
{
	struct release_event_row row = {
		.call = "brk", .advice = "-", .time = time, .pid = 1, .freed = freed
	};

	strcpy(row.cause, cause);
	evidence->events = synthetic_grow(evidence->events, &evidence->event_count, &row,
					  sizeof(row));
}

static inline void synthetic_process(struct evidence *evidence, uint64_t pid, uint64_t time,
				     uint64_t minor, uint64_t major)
{
	struct process_row row = {
		.time = time, .pid = pid, .minor_faults = minor, .major_faults = major
	};

	evidence->processes = synthetic_grow(evidence->processes, &evidence->process_count, &row,
					     sizeof(row));
}

/* A row of a bill in which every connection costs the same. */
static inline void synthetic_bill(struct evidence *evidence, const char *end, const char *role,
				  uint64_t time, uint64_t connections, uint64_t bytes)
{
	struct bill_row row = { .time = time,
				.connections = connections,
				.total = connections * bytes,
				.least = bytes,
				.median = bytes,
				.most = bytes };

	strcpy(row.end, end);
	strcpy(row.role, role);
	evidence->bill = synthetic_grow(evidence->bill, &evidence->bill_count, &row, sizeof(row));
}

/* Writes a document of the given format with more keys (which it takes) to folder/name. */
static inline void synthetic_document(const char *folder, const char *name, const char *format,
				      json_t *keys)
{
	char path[512];
	json_t *document = json_pack("{s:s, s:i}", "format", format, "version", 1);

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (json_object_update(document, keys) || json_dump_file(document, path, 0))
		abort();
	json_decref(keys);
	json_decref(document);
}

static inline void synthetic_csv(const char *folder, const char *name,
				 const struct record_kind *kind, const void *rows, size_t count,
				 size_t size)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file || record_begin(kind, file))
		abort();
	for (size_t i = 0; i < count; i++)
		if (record_append(kind, file, (const char *)rows + i * size))
			abort();
	fclose(file);
}

static inline void synthetic_evidence(const char *folder, const struct evidence *evidence)
{
	synthetic_csv(folder, "releases.csv", &record_releases, evidence->releases,
		      evidence->release_count, sizeof(struct release_row));
	synthetic_csv(folder, "events.csv", &record_events, evidence->events, evidence->event_count,
		      sizeof(struct release_event_row));
	synthetic_csv(folder, "processes.csv", &record_processes, evidence->processes,
		      evidence->process_count, sizeof(struct process_row));
	synthetic_csv(folder, "bill.csv", &record_bill, evidence->bill, evidence->bill_count,
		      sizeof(struct bill_row));
	synthetic_csv(folder, "losses.csv", &record_losses, evidence->losses, evidence->loss_count,
		      sizeof(struct loss_row));
}

/* An experiment.json in a directory that exists. */
static inline void synthetic_experiment(const char *directory)
{
	synthetic_document(directory, "experiment.json", "tidemark experiment",
			   json_pack("{s:s, s:[s,s,s], s:{s:s, s:i, s:i}}", "label", "synthetic",
				     "command", "run", "--label", "it's", "environment", "kernel",
				     "6.1 <&>", "cpus", 2, "page_size", 4096));
}

/* A complete run in directory/name, from a recording that stays the caller's. */
static inline void synthetic_folder(const char *directory, const char *name, const char *allocator,
				    const char *release, const struct recording *recording)
{
	char folder[256];

	snprintf(folder, sizeof(folder), "%s/%s", directory, name);
	if (mkdir(folder, 0755))
		abort();
	synthetic_csv(folder, "samples.csv", &record_samples, recording->samples,
		      recording->sample_count, sizeof(struct sample));
	synthetic_csv(folder, "rollups.csv", &record_rollups, recording->rollups,
		      recording->rollup_count, sizeof(struct rollup));
	synthetic_csv(folder, "phases.csv", &record_phases, recording->phases,
		      recording->phase_count, sizeof(struct phase));
	if (recording->evidence.recorded)
		synthetic_evidence(folder, &recording->evidence);
	if (recording->usage.total_count) {
		synthetic_csv(folder, "cpu.csv", &record_cpu, recording->usage.totals,
			      recording->usage.total_count, sizeof(struct cpu_row));
		synthetic_csv(folder, "threads.csv", &record_threads, recording->usage.threads,
			      recording->usage.thread_count, sizeof(struct thread_row));
	}
	if (recording->operations.count)
		synthetic_csv(folder, "traffic.csv", &record_traffic, recording->operations.rows,
			      recording->operations.count, sizeof(struct traffic_row));
	synthetic_document(folder, "run.json", "tidemark run",
			   json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s, s:[]}}", "allocator",
				     allocator, "release", release, "verdict", "complete", "reason",
				     "", "server", "version", "1.0", "proof", "it says so",
				     "decay_ns",
				     strcmp(allocator, "jemalloc") ? "0" : "10000000000", "tune"));
}

/* A new directory with an experiment.json, as the state of a test. */
static inline int synthetic_make(void **state)
{
	char *directory = strdup("/tmp/tidemark-analysis.XXXXXX");

	if (!directory || !mkdtemp(directory))
		abort();
	synthetic_experiment(directory);
	*state = directory;
	return 0;
}

static inline int synthetic_unlink(const char *path, const struct stat *status, int type,
				   struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline int synthetic_remove(void **state)
{
	int error = nftw(*state, synthetic_unlink, 8, FTW_DEPTH | FTW_PHYS);

	free(*state);
	return error;
}

#endif
