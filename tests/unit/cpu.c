/* cpu.c - CPU time from /proc: names that lie, threads that have ended, children. */
#include "probes/cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "server/base/stat.h"
#include "tests/unit/unit.h"

#define NUMBERS "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"
#define BURN	(100ull * 1000 * 1000) /* ns */

static void a_line_of_stat(void **state)
{
	struct stat_line line;

	(void)state;
	assert_int_equal(stat_parse("77 (server) S " NUMBERS, &line), 0);
	assert_string_equal(line.name, "server");
	assert_int_equal(line.minor_faults, 7);
	assert_int_equal(line.major_faults, 9);
	assert_int_equal(line.user, 11);
	assert_int_equal(line.system, 12);
	assert_int_equal(line.threads, 17);
	assert_int_equal(line.parent, 1);
	assert_int_equal(line.flags, 6);
	assert_int_equal(line.started, 19);
}

static void of_a_process_that_runs(void **state)
{
	struct stat_line line;

	(void)state;
	assert_int_equal(stat_read(&line, (uint32_t)getpid()), 0);
	assert_int_equal(line.parent, getppid());
	assert_int_equal(line.flags & STAT_KERNEL_THREAD, 0);
	assert_true(line.started > 0);
	assert_int_equal(stat_read(&line, 1 << 30), -ENOENT);
}

static void names_cannot_lie(void **state)
{
	struct stat_line line;

	(void)state;
	assert_int_equal(stat_parse("77 (a) R 9 9 (b) S " NUMBERS, &line), 0);
	assert_string_equal(line.name, "a) R 9 9 (b");
	assert_int_equal(line.user, 11);
	assert_int_equal(stat_parse("77 (a,\"#\\\n\xc3\xa4) S " NUMBERS, &line), 0);
	assert_string_equal(line.name, "a_______");
	assert_int_equal(stat_parse("77 () S " NUMBERS, &line), 0);
	assert_string_equal(line.name, "_");
	assert_int_equal(
		stat_parse("77 (0123456789012345678901234567890123456789) S " NUMBERS, &line), 0);
	assert_string_equal(line.name, "0123456789012345678901234567890");
}

static void what_is_no_line(void **state)
{
	static const char *const damaged[] = {
		"",
		"77",
		"77 (server",
		"77 server) S " NUMBERS,
		"77 (server)",
		"77 (server) S",
		"77 (server) S 1",
		"77 )server( S " NUMBERS,
	};
	struct stat_line line;

	(void)state;
	for (size_t i = 0; i < sizeof(damaged) / sizeof(damaged[0]); i++)
		assert_int_equal(stat_parse(damaged[i], &line), -EPROTO);
}

static uint64_t used_by(clockid_t clock)
{
	struct timespec used;

	clock_gettime(clock, &used);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

static void *burn(void *context)
{
	while (used_by(CLOCK_THREAD_CPUTIME_ID) < BURN)
		;
	return context;
}

static const struct thread_row *rest_of(const struct cpu *cpu, uint32_t pid)
{
	for (size_t i = cpu->thread_count; i-- > 0;)
		if (cpu->threads[i].pid == pid && cpu->threads[i].thread == RECORD_ABSENT)
			return &cpu->threads[i];
	return NULL;
}

static void ended_threads_are_not_lost(void **state)
{
	static struct cpu cpu;
	uint64_t before, after, total = 0, from = used_by(CLOCK_PROCESS_CPUTIME_ID);
	uint32_t own = (uint32_t)getpid();
	pthread_t thread;
	size_t first;

	(void)state;
	assert_int_equal(cpu_open(&cpu, own, 16, 16), 0);
	cpu_finish(&cpu);
	before = rest_of(&cpu, own)->cpu;
	assert_int_equal(pthread_create(&thread, NULL, burn, NULL), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	first = cpu.thread_count;
	cpu_finish(&cpu);
	after = rest_of(&cpu, own)->cpu;
	/* The kernel has told the reading thread's own time with up to a tick's delay. */
	assert_true(after + cpu.tick >= before + BURN);
	for (size_t i = first; i < cpu.thread_count; i++)
		if (cpu.threads[i].pid == own)
			total += cpu.threads[i].cpu;
	assert_true(total >= from + BURN);
	assert_true(total <= used_by(CLOCK_PROCESS_CPUTIME_ID));
	assert_int_equal(cpu.totals[cpu.total_count - 1].processes, 1);
	cpu_close(&cpu);
}

/* Forks a child that runs the same program, or another one, until it is killed. */
static pid_t fork_child(const char *other)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = unit_fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(ready[0]);
		if (other) /* closes the pipe */
			execlp(other, other, "1000", NULL);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0);
	close(ready[0]);
	return pid;
}

static void end_child(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void children_of_the_same_program_join(void **state)
{
	static struct cpu cpu;
	pid_t helper = fork_child("sleep"), worker;

	(void)state;
	assert_int_equal(cpu_open(&cpu, (uint32_t)getpid(), 16, 16), 0);
	cpu_finish(&cpu);
	assert_int_equal(cpu.totals[0].processes, 1);
	worker = fork_child(NULL);
	cpu_finish(&cpu);
	assert_int_equal(cpu.totals[1].processes, 2);
	assert_non_null(rest_of(&cpu, (uint32_t)worker));
	assert_null(rest_of(&cpu, (uint32_t)helper));
	end_child(worker);
	end_child(helper);
	cpu_finish(&cpu);
	assert_int_equal(cpu.totals[2].processes, 1);
	assert_true(cpu.totals[2].cpu >= cpu.totals[1].cpu);
	cpu_close(&cpu);
}

static void without_room_rows_are_counted(void **state)
{
	static struct cpu cpu;

	(void)state;
	assert_int_equal(cpu_open(&cpu, (uint32_t)getpid(), 1, 1), 0);
	cpu_finish(&cpu);
	cpu_finish(&cpu);
	assert_int_equal(cpu.total_count, 1);
	assert_int_equal(cpu.dropped, 1);
	cpu_close(&cpu);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_stat),
		cmocka_unit_test(of_a_process_that_runs),
		cmocka_unit_test(names_cannot_lie),
		cmocka_unit_test(what_is_no_line),
		cmocka_unit_test(ended_threads_are_not_lost),
		cmocka_unit_test(children_of_the_same_program_join),
		cmocka_unit_test(without_room_rows_are_counted),
	};

	return unit_main(tests);
}
