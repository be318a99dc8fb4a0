/*
 * plausible.c - can what a run recorded have happened? See plausible.h.
 */
#include "analysis/plausible.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "server/base/units.h"

/* More than any process can address: x86-64 and arm64 give it 2^47 and 2^48 bytes by default. */
#define MOST_BYTES (UINT64_C(1) << 48)

#define MOST_CPUS 8192		      /* NR_CPUS of the largest kernels that distributions build */
#define MOST_PIDS (UINT64_C(1) << 22) /* PID_MAX_LIMIT of include/linux/threads.h */

/* The clock of a row is read before its CPU time is, and a probe may have to wait in between. */
#define CPU_SLACK NS_PER_S

static int refuse(char why[RECORDING_WHY], const char *file, size_t i, const char *what)
{
	snprintf(why, RECORDING_WHY, "%s: line %zu %s", file, i + 3, what);
	return -EBADMSG;
}

static bool exceeds(uint64_t value, uint64_t most)
{
	return value != RECORD_ABSENT && value > most;
}

static int check_samples(const struct recording *recording, uint64_t most, char why[RECORDING_WHY])
{
	bool any = false;

	for (size_t i = 0; i < recording->sample_count; i++) {
		const struct sample *sample = &recording->samples[i];

		if (exceeds(sample->anon, most))
			return refuse(why, "samples.csv", i,
				      "has more anon_bytes than the machine has memory");
		if (exceeds(sample->live_bytes, MOST_BYTES))
			return refuse(why, "samples.csv", i,
				      "has more live_bytes than can be addressed");
		any |= sample->anon != 0;
	}
	if (any || !recording->sample_count)
		return 0;
	snprintf(why, RECORDING_WHY, "samples.csv: anon_bytes is 0 in every line");
	return -EBADMSG;
}

static int check_rollups(const struct recording *recording, uint64_t most, char why[RECORDING_WHY])
{
	for (size_t i = 0; i < recording->rollup_count; i++) {
		const struct rollup *rollup = &recording->rollups[i];

		if (exceeds(rollup->anon, most) || exceeds(rollup->lazyfree, most))
			return refuse(why, "rollups.csv", i,
				      "has more anonymous memory than the machine has");
		if (exceeds(rollup->swap, MOST_BYTES))
			return refuse(why, "rollups.csv", i,
				      "has more swap_bytes than can be addressed");
	}
	return 0;
}

/* All CPUs together use no more than so much in the time since the machine was started. */
static bool is_too_much(uint64_t cpu, uint64_t time, uint64_t cpus)
{
	return exceeds(cpu / cpus, time + CPU_SLACK);
}

static int check_totals(const struct usage *usage, uint64_t cpus, char why[RECORDING_WHY])
{
	for (size_t i = 0; i < usage->total_count; i++) {
		const struct cpu_row *row = &usage->totals[i];
		const struct cpu_row *last = i ? row - 1 : NULL;

		if (last ? is_too_much(row->cpu - last->cpu, row->time - last->time, cpus)
			 : is_too_much(row->cpu, row->time, cpus))
			return refuse(why, "cpu.csv", i, "has more CPU time than all CPUs have");
		if (exceeds(row->processes, MOST_PIDS))
			return refuse(why, "cpu.csv", i, "has more processes than there can be");
	}
	return 0;
}

static int check_threads(const struct usage *usage, uint64_t cpus, char why[RECORDING_WHY])
{
	for (size_t i = 0; i < usage->thread_count; i++) {
		const struct thread_row *row = &usage->threads[i];

		if (is_too_much(row->cpu, row->time, cpus) ||
		    (row->user != RECORD_ABSENT && is_too_much(row->user, row->time, cpus)) ||
		    (row->system != RECORD_ABSENT && is_too_much(row->system, row->time, cpus)))
			return refuse(why, "threads.csv", i,
				      "has more CPU time than all CPUs have");
		if (row->pid > MOST_PIDS || exceeds(row->thread, MOST_PIDS) ||
		    row->threads > MOST_PIDS)
			return refuse(why, "threads.csv", i, "names what cannot be a thread");
	}
	return 0;
}

int plausible_check(const struct recording *recording, const struct machine *machine,
		    char why[RECORDING_WHY])
{
	bool known = machine->memory && machine->memory < MOST_BYTES;
	uint64_t most = known ? machine->memory : MOST_BYTES;
	uint64_t cpus = machine->cpus && machine->cpus < MOST_CPUS ? machine->cpus : MOST_CPUS;
	int error = check_samples(recording, most, why);

	if (!error)
		error = check_rollups(recording, most, why);
	if (!error)
		error = check_totals(&recording->usage, cpus, why);
	return error ? error : check_threads(&recording->usage, cpus, why);
}
