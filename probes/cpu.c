/*
 * cpu.c - the CPU time of a server. See cpu.h.
 */
#include "probes/cpu.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <time.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/stat.h"
#include "server/base/units.h"

#define TEXT 1024

/* Rows for threads; when they are used up, a process still gets its one row a reading. */
#define DETAIL 131072

/* A directory entry of a thread takes up to 32 bytes; ".", ".." and one behind the last as well. */
#define ENTRIES ((CPU_THREADS + 3) * 32)

static void *reserve(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int cpu_open(struct cpu *cpu, uint32_t pid, size_t samples, size_t rollups)
{
	cpu->tick = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
	cpu->total_room = samples;
	cpu->thread_room = DETAIL + rollups;
	cpu->totals = reserve(cpu->total_room * sizeof(*cpu->totals));
	cpu->threads = reserve(cpu->thread_room * sizeof(*cpu->threads));
	if (!cpu->totals || !cpu->threads)
		return -ENOMEM;
	return family_open(&cpu->family, pid);
}

void cpu_close(struct cpu *cpu)
{
	family_close(&cpu->family);
	if (cpu->totals)
		munmap(cpu->totals, cpu->total_room * sizeof(*cpu->totals));
	if (cpu->threads)
		munmap(cpu->threads, cpu->thread_room * sizeof(*cpu->threads));
}

/* --- all together ------------------------------------------------------------------------------
 */

/*
 * Of all threads of the process, also those that have ended. The number of its clock is that of
 * clock_getcpuclockid(3), which makes a system call more to check it.
 */
static int read_clock(struct member *member)
{
	clockid_t clock = (clockid_t)(~member->pid << 3 | 2);
	struct timespec used;

	if (clock_gettime(clock, &used))
		return -errno;
	member->cpu = (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
	return 0;
}

static void forget(struct cpu *cpu, size_t member)
{
	cpu->ended += cpu->family.list[member].cpu;
	family_remove(&cpu->family, member);
}

static void add_total(struct cpu *cpu, uint64_t time)
{
	struct family *family = &cpu->family;
	struct cpu_row row = { .time = time };

	for (size_t i = 0; i < family->count;) {
		if (read_clock(&family->list[i]))
			forget(cpu, i);
		else
			row.cpu += family->list[i++].cpu;
	}
	row.cpu += cpu->ended;
	row.processes = family->count;
	if (cpu->total_count == cpu->total_room)
		cpu->dropped++;
	else
		cpu->totals[cpu->total_count++] = row;
}

/* What the caller's thread has used: not the clock, which goes on while others have the CPU. */
static uint64_t own_time(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

void cpu_sample(struct cpu *cpu)
{
	uint64_t now = clock_now(), begin;

	if (now < cpu->next_total)
		return;
	begin = own_time();
	add_total(cpu, now);
	cpu->next_total = now + CPU_SPARE * (own_time() - begin);
}

/* --- each thread -------------------------------------------------------------------------------
 */

/*
 * The first field of schedstat is the time on CPUs in ns. A kernel without it (CONFIG_SCHED_INFO)
 * has no such file or only zeros there: then ticks must do.
 */
static void read_cpu(const struct cpu *cpu, size_t member, struct thread_row *row)
{
	char text[TEXT];

	row->cpu = 0;
	if (!family_read(&cpu->family, member, (uint32_t)row->thread, "schedstat", text,
			 sizeof(text)))
		row->cpu = strtoull(text, NULL, 10);
	if (!row->cpu)
		row->cpu = row->user + row->system;
}

static int read_thread(const struct cpu *cpu, size_t member, uint32_t thread,
		       struct thread_row *row)
{
	struct stat_line line;
	char text[TEXT];
	int error = family_read(&cpu->family, member, thread, "stat", text, sizeof(text));

	if (!error)
		error = stat_parse(text, &line);
	if (error)
		return error;
	row->pid = cpu->family.list[member].pid;
	row->thread = thread;
	row->threads = 1;
	row->user = line.user * cpu->tick;
	row->system = line.system * cpu->tick;
	strcpy(row->name, line.name);
	read_cpu(cpu, member, row);
	return 0;
}

/* The oldest threads of a process, at most so many. Returns their number, or -errno. */
static int list_threads(const struct member *member, uint32_t *threads, size_t most)
{
	char entries[ENTRIES] __attribute__((aligned(8)));
	size_t room = MIN(sizeof(entries), (most + 3) * 32);
	size_t count = 0;
	ssize_t length;

	lseek(member->tasks, 0, SEEK_SET);
	length = getdents64(member->tasks, entries, room);
	if (length < 0)
		return -errno;
	for (ssize_t at = 0; at < length && count < most;) {
		const struct dirent64 *entry = (const void *)(entries + at);
		uint32_t thread = (uint32_t)strtoul(entry->d_name, NULL, 10);

		if (thread)
			threads[count++] = thread;
		at += entry->d_reclen;
	}
	return (int)count;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/*
 * What the process has more than the rows of its threads. They were read before it, so that it is
 * never less; but for user and system time, which the kernel estimates for each anew.
 */
static int read_rest(struct cpu *cpu, size_t member, const struct thread_row *rows, size_t count,
		     struct thread_row *rest)
{
	struct member *process = &cpu->family.list[member];
	struct stat_line line;
	char text[TEXT];
	/* From the folder of the process's first thread. */
	int error = family_read(&cpu->family, member, process->pid, "../../stat", text,
				sizeof(text));

	if (!error)
		error = stat_parse(text, &line);
	if (!error)
		error = read_clock(process);
	if (error)
		return error;
	*rest = (struct thread_row){ .name = "-",
				     .pid = process->pid,
				     .thread = RECORD_ABSENT,
				     .threads = less(line.threads, count),
				     .cpu = process->cpu,
				     .user = line.user * cpu->tick,
				     .system = line.system * cpu->tick };
	for (size_t i = 0; i < count; i++) {
		rest->cpu = less(rest->cpu, rows[i].cpu);
		rest->user = less(rest->user, rows[i].user);
		rest->system = less(rest->system, rows[i].system);
	}
	return 0;
}

/* How many threads can have rows of their own, with one kept for the rest of each process. */
static size_t detail(const struct cpu *cpu, size_t rows, size_t taken)
{
	size_t left = cpu->thread_count + rows < DETAIL ? DETAIL - cpu->thread_count - rows : 0;

	return MIN(left, CPU_THREADS - taken);
}

/* Returns how many rows it has filled; 0: the process has ended. */
static size_t read_process(struct cpu *cpu, size_t member, struct thread_row *rows, size_t most)
{
	uint32_t threads[CPU_THREADS + 1];
	int listed = list_threads(&cpu->family.list[member], threads, most + 1);
	size_t count = 0;

	for (int i = 0; i < listed; i++) {
		/* Also of one without a row: it may be the process's only one. */
		family_add_children(&cpu->family, member, threads[i]);
		if (count < most && !read_thread(cpu, member, threads[i], &rows[count]))
			count++;
	}
	if (listed < 0 || read_rest(cpu, member, rows, count, &rows[count]))
		return 0;
	return count + 1;
}

static void add_threads(struct cpu *cpu, uint64_t time)
{
	struct family *family = &cpu->family;
	size_t rows = 0, taken = 0;

	/* It grows while it is walked. */
	for (size_t i = 0; i < family->count;) {
		struct thread_row *first = &cpu->threads[cpu->thread_count + rows];
		size_t count = 0;

		if (cpu->thread_count + rows == cpu->thread_room) {
			cpu->dropped++;
			break;
		}
		if (!i || !family_is_strange(family, family->list[i].pid))
			count = read_process(cpu, i, first, detail(cpu, rows, taken));
		if (!count) {
			forget(cpu, i);
			continue;
		}
		for (size_t j = 0; j < count; j++)
			first[j].time = time;
		rows += count;
		taken += count - 1;
		i++;
	}
	cpu->thread_count += rows;
}

void cpu_rollup(struct cpu *cpu)
{
	uint64_t now = clock_now(), begin;

	if (now < cpu->next_threads)
		return;
	begin = own_time();
	add_threads(cpu, now);
	cpu->next_threads = now + CPU_SPARE * (own_time() - begin);
}

void cpu_finish(struct cpu *cpu)
{
	uint64_t now = clock_now();

	add_threads(cpu, now);
	add_total(cpu, now);
}

/* --- writing -----------------------------------------------------------------------------------
 */

int cpu_write_totals(const struct cpu *cpu, FILE *file)
{
	int error = 0;

	for (size_t i = 0; !error && i < cpu->total_count; i++)
		error = record_append(&record_cpu, file, &cpu->totals[i]);
	return error;
}

int cpu_write_threads(const struct cpu *cpu, FILE *file)
{
	int error = 0;

	for (size_t i = 0; !error && i < cpu->thread_count; i++)
		error = record_append(&record_threads, file, &cpu->threads[i]);
	return error;
}
