/*
 * sampler.c - reads a server's memory at even times. See sampler.h.
 */
#include "probes/sampler.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "server/base/clock.h"
#include "server/base/units.h"

/* How long traffic must rest before the base or the floor is read at once. */
#define QUIET (250 * NS_PER_MS)

/* Between two bills of a server that has no status page. */
#define BILL_INTERVAL (10 * NS_PER_S)

/* Rollups come at their interval, and once for each time that traffic goes quiet. */
static size_t rollups_for(const struct sampler *sampler, uint64_t duration)
{
	return duration / sampler->rollup_interval + duration / QUIET + 2;
}

static void *reserve(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int sampler_init(struct sampler *sampler, uint32_t pid, uint64_t duration)
{
	sampler->keeps = duration;
	sampler->sample_room = duration / sampler->interval + 2;
	sampler->rollup_room = rollups_for(sampler, duration);
	sampler->samples = reserve(sampler->sample_room * sizeof(struct sample));
	sampler->rollups = reserve(sampler->rollup_room * sizeof(struct rollup));
	if (!sampler->samples || !sampler->rollups)
		return -ENOMEM;
	if (!sampler->keeps)
		return 0;
	return cpu_open(&sampler->cpu, pid, sampler->sample_room, sampler->rollup_room);
}

void sampler_free(struct sampler *sampler)
{
	if (sampler->samples)
		munmap(sampler->samples, sampler->sample_room * sizeof(struct sample));
	if (sampler->rollups)
		munmap(sampler->rollups, sampler->rollup_room * sizeof(struct rollup));
	cpu_close(&sampler->cpu);
}

static void copy_status(struct sample *sample, const struct status_slot *slot)
{
	sample->opened = slot->opened;
	sample->closed = slot->closed;
	sample->shed = slot->shed;
	sample->live_bytes = slot->live_bytes;
	sample->live_blocks = slot->live_blocks;
	sample->state_bytes = slot->state_bytes;
	sample->table_bytes = slot->table_bytes;
	sample->last_close = slot->last_close;
	sample->releases = slot->releases;
	sample->stall_total = slot->stall_total;
	sample->stall_max = slot->stall_max;
	sample->released_bytes = slot->released_bytes;
	sample->heap_used = slot->heap_time ? slot->heap_used : RECORD_ABSENT;
	sample->heap_free = slot->heap_time ? slot->heap_free : RECORD_ABSENT;
}

static void note_traffic(struct sampler *sampler, const struct sample *sample)
{
	uint64_t traffic = sample->opened + sample->closed;

	if (traffic != sampler->traffic)
		sampler->traffic_since = sample->time;
	sampler->traffic = traffic;
}

/*
 * A server of several processes holds what all of them hold. A page that a fork has left shared
 * counts in each: it is theirs to write to, and few beside what connections take. The family is
 * the one that CPU times follow; it learns of children with each rollup.
 */
static void add_descendants(struct sampler *sampler, uint64_t *anon)
{
	const struct family *family = &sampler->cpu.family;

	for (size_t i = 1; i < family->count; i++) {
		uint64_t bytes;

		if (!procfs_anonymous_of(&sampler->procfs, family, i, &bytes))
			*anon += bytes;
	}
}

/* The page is read first: memory moves with what it says, and only a little later. */
static int take_sample(struct sampler *sampler)
{
	struct sample *sample = &sampler->samples[sampler->keeps ? sampler->sample_count : 0];
	struct status_slot slot;
	int error;

	if (sampler->keeps && sampler->sample_count == sampler->sample_room)
		return -ENOSPC;
	memset(sample, 0xff, sizeof(*sample)); /* RECORD_ABSENT in every field */
	if (sampler->status && !status_read(sampler->status, &slot))
		copy_status(sample, &slot);
	sample->time = clock_now();
	error = procfs_anonymous(&sampler->procfs, &sample->anon);
	if (error)
		return error;
	add_descendants(sampler, &sample->anon);
	note_traffic(sampler, sample);
	sampler->sample_count++;
	return 0;
}

static uint64_t own_cpu(void)
{
	struct timespec used;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

/*
 * What the descendants have; smaps_rollup of a process that was forked since may be closed to a
 * probe which has dropped its rights.
 */
static void roll_up_descendants(struct sampler *sampler, struct rollup *rollup)
{
	const struct family *family = &sampler->cpu.family;

	for (size_t i = 1; i < family->count; i++) {
		procfs_add_stat(&sampler->procfs, family->list[i].pid, rollup);
		if (procfs_add_smaps(family, i, rollup))
			sampler->unread++;
	}
}

static int take_rollup(struct sampler *sampler)
{
	struct rollup *rollup = &sampler->rollups[sampler->keeps ? sampler->rollup_count : 0];
	int error;

	if (sampler->keeps && sampler->rollup_count == sampler->rollup_room)
		return -ENOSPC;
	rollup->time = clock_now();
	error = procfs_rollup(&sampler->procfs, rollup);
	if (error)
		return error;
	roll_up_descendants(sampler, rollup);
	rollup->cost = clock_now() - rollup->time;
	rollup->probe_cpu = own_cpu();
	sampler->rollup_count++;
	return 0;
}

static bool rollup_is_due(struct sampler *sampler, uint64_t now)
{
	if (now < sampler->next_rollup)
		return false;
	sampler->next_rollup = now + sampler->rollup_interval;
	return true;
}

/* Once for each time that traffic goes quiet; where traffic is not known, once at the begin. */
static bool went_quiet(struct sampler *sampler, uint64_t now)
{
	if (!sampler->traffic_since || now - sampler->traffic_since < QUIET)
		return false;
	sampler->traffic_since = 0;
	return true;
}

/* With nobody to tell when traffic goes quiet, bills come at even times. */
static bool bill_is_due(const struct sampler *sampler, uint64_t now)
{
	return !sampler->status && now >= sampler->next_bill;
}

static int take(struct sampler *sampler)
{
	int error = take_sample(sampler);
	uint64_t now = clock_now();
	bool due = rollup_is_due(sampler, now);
	bool quiet = went_quiet(sampler, now);

	tracer_sample(sampler->tracer);
	if (!error && (due || quiet)) {
		error = take_rollup(sampler);
		cpu_rollup(&sampler->cpu);
		tracer_rollup(sampler->tracer);
	}
	if (!error)
		cpu_sample(&sampler->cpu);
	if (!error && (quiet || bill_is_due(sampler, now))) {
		sampler->next_bill = now + BILL_INTERVAL;
		tracer_bill(sampler->tracer);
	}
	return error;
}

/* Waits for the moment. Returns 1 when one of the descriptors became readable before. */
static int wait_until(uint64_t moment, int stop_fd, int pidfd)
{
	struct pollfd fds[] = { { .fd = stop_fd, .events = POLLIN },
				{ .fd = pidfd, .events = POLLIN } };
	uint64_t now = clock_now();
	uint64_t left = moment > now ? moment - now : 0;
	struct timespec timeout = { .tv_sec = (time_t)(left / NS_PER_S),
				    .tv_nsec = (long)(left % NS_PER_S) };

	return ppoll(fds, 2, &timeout, NULL) > 0;
}

int sampler_run(struct sampler *sampler, int stop_fd, int pidfd)
{
	uint64_t next = clock_now();

	do {
		uint64_t now;
		int error = take(sampler);

		/* The process may end between poll() and the reading. */
		if (error)
			return error == -ESRCH ? 0 : error;
		now = clock_now();
		next += sampler->interval;
		/* After a pause of our own, go on from now: no burst of samples to catch up. */
		if (next < now)
			next = now;
	} while (!wait_until(next, stop_fd, pidfd));
	cpu_finish(&sampler->cpu);
	return 0;
}

static int write_samples(const struct sampler *sampler, FILE *file)
{
	int error = 0;

	for (size_t i = 0; i < sampler->sample_count && !error; i++)
		error = record_append(&record_samples, file, &sampler->samples[i]);
	return error;
}

static int write_rollups(const struct sampler *sampler, FILE *file)
{
	int error = 0;

	for (size_t i = 0; i < sampler->rollup_count && !error; i++)
		error = record_append(&record_rollups, file, &sampler->rollups[i]);
	return error;
}

static int write_cpu(const struct sampler *sampler, FILE *file)
{
	return cpu_write_totals(&sampler->cpu, file);
}

static int write_threads(const struct sampler *sampler, FILE *file)
{
	return cpu_write_threads(&sampler->cpu, file);
}

const struct sampler_file sampler_files[SAMPLER_FILES] = {
	{ "samples.csv", &record_samples, write_samples },
	{ "rollups.csv", &record_rollups, write_rollups },
	{ "cpu.csv", &record_cpu, write_cpu },
	{ "threads.csv", &record_threads, write_threads },
};

int sampler_write(const struct sampler *sampler, FILE *const files[SAMPLER_FILES])
{
	int error = 0;

	for (size_t i = 0; i < SAMPLER_FILES && !error; i++) {
		error = sampler_files[i].write(sampler, files[i]);
		if (!error && fflush(files[i]))
			error = -errno;
	}
	return error;
}
