/*
 * cpu.h - the CPU time of a server: of all its processes often, of each thread now and then.
 *
 * Of all: the processes' CPU clocks, exact to the ns but for what a thread that runs just then has
 * used since the last tick. The kernel walks over the threads: some us for few of them, 0.2 ms for
 * 1,000 and 1.6 ms for 10,000 that lie in no cache. Of each thread: its files in /proc, 15 us a
 * thread. Neither comes sooner again than after CPU_SPARE times the CPU time that it took, which
 * is 1 % of a CPU for each at most.
 *
 * Where a process has more threads than fit into CPU_THREADS, the oldest are read one by one, and
 * the others are in the process's last row: the kernel keeps a KiB for every thread that is but
 * listed.
 */
#ifndef PROBES_CPU_H
#define PROBES_CPU_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "probes/family.h"
#include "server/base/record.h"

#define CPU_THREADS 256 /* in one reading */
#define CPU_SPARE   100

struct cpu {
	struct family family;
	uint64_t tick;	/* ns */
	uint64_t ended; /* ns of processes that have */
	struct cpu_row *totals;
	size_t total_count, total_room;
	uint64_t next_total; /* not before; ns */
	struct thread_row *threads;
	size_t thread_count, thread_room;
	uint64_t next_threads;
	uint64_t dropped; /* rows */
};

/*
 * Reserves and touches room for so many readings of all, and of each thread. Returns 0, -ENOMEM, or
 * another -errno when the process cannot be looked at.
 */
int cpu_open(struct cpu *cpu, uint32_t pid, size_t samples, size_t rollups);

/* With each sample, with each rollup, and at the end. They allocate nothing. */
void cpu_sample(struct cpu *cpu);
void cpu_rollup(struct cpu *cpu);
void cpu_finish(struct cpu *cpu);

/* Append the rows to files that record_begin() has opened. Return 0 or -errno. */
int cpu_write_totals(const struct cpu *cpu, FILE *file);
int cpu_write_threads(const struct cpu *cpu, FILE *file);

void cpu_close(struct cpu *cpu);

#endif
