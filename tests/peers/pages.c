/*
 * pages.c - a program that takes and gives back known numbers of pages, one command a line:
 *
 *   touch N      maps N pages and writes to each
 *   dontneed N, free N, cold N, pageout N, guard N
 *                advises the first N pages that were touched last
 *   self N       the same as dontneed, through process_madvise on itself
 *   munmap N     unmaps the last N pages of them
 *   mremap N     shrinks them by their last N pages
 *   up N         moves the program break up by N pages, and writes to each
 *   down N       moves it down by N pages
 *   below N      tries to move it N pages below where it began, which fails
 *   over N       maps others over the first N pages of those that were touched last
 *   astray N     N times: maps and unmaps a page, called from frames that are none
 *   noise 1|0    a second thread maps, writes and unmaps pages all the time | no more
 *   inside N     dontneed, between the release markers
 *   fork N       a child process does: touch N, dontneed N, and ends
 *   draining 1|0 empties the batches in which each CPU holds on to pages before each of these,
 *                as it does at first | no more
 *   cost N       prints the nanoseconds that touching one page takes, of N touched and given back
 *   where        prints the address of the pages
 *   quit         ends
 *
 * Each is answered with a line. Huge pages are off, so that a page is a page.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GUARD_INSTALL 102 /* MADV_GUARD_INSTALL, since 6.13 */

struct area {
	char *begin;
	size_t pages;
};

static size_t page;
static cpu_set_t allowed;

static int first_cpu(void)
{
	int cpu = 0;

	while (!CPU_ISSET(cpu, &allowed))
		cpu++;
	return cpu;
}

static int last_cpu(void)
{
	int cpu = CPU_SETSIZE - 1;

	while (!CPU_ISSET(cpu, &allowed))
		cpu--;
	return cpu;
}

static void die(const char *what)
{
	fprintf(stderr, "pages: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Markers, by the names of the server's. */
void tidemark_release_begin(void);
void tidemark_release_end(void);

__attribute__((noinline)) void tidemark_release_begin(void)
{
	__asm__ volatile("# begin" ::: "memory");
}

__attribute__((noinline)) void tidemark_release_end(void)
{
	__asm__ volatile("# end" ::: "memory");
}

/* The main thread keeps to the first CPU that is allowed, noise to the last. */
static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static char *map_and_write(size_t pages)
{
	char *memory = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (memory == MAP_FAILED)
		die("mmap");
	/* Not zeros: a page of zeros is swapped out without being written. */
	for (size_t i = 0; i < pages; i++)
		memset(memory + i * page, (int)(i % 255) + 1, 64);
	return memory;
}

static void touch(struct area *area, size_t pages)
{
	area->begin = map_and_write(pages);
	area->pages = pages;
}

static void advise(const struct area *area, size_t pages, int advice)
{
	if (madvise(area->begin, pages * page, advice))
		printf("refused: %s\n", strerror(errno));
}

static void advise_self(struct area *area, size_t pages)
{
	struct iovec part = { area->begin, pages * page };
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (syscall(SYS_process_madvise, self, &part, 1, MADV_DONTNEED, 0) < 0)
		printf("refused: %s\n", strerror(errno));
	close(self);
}

static void unmap(struct area *area, size_t pages)
{
	area->pages -= pages;
	if (munmap(area->begin + area->pages * page, pages * page))
		die("munmap");
}

static void shrink(struct area *area, size_t pages)
{
	size_t left = area->pages - pages;

	if (mremap(area->begin, area->pages * page, left * page, 0) == MAP_FAILED)
		die("mremap");
	area->pages = left;
}

static void move_up(size_t pages)
{
	char *memory = sbrk((intptr_t)(pages * page));

	if (memory == (void *)-1)
		die("sbrk");
	for (size_t i = 0; i < pages; i++)
		memory[i * page] = 1;
}

static void move_down(size_t pages)
{
	if (sbrk(-(intptr_t)(pages * page)) == (void *)-1)
		die("sbrk");
}

/* The kernel does not move the break below its begin (mm/mmap.c), where the program's data is. */
static void move_below(size_t pages)
{
	char *here = sbrk(0);

	/* Not brk(): glibc 2.36 takes a break that has stayed for success. */
	if (syscall(SYS_brk, here - pages * page) != (long)here)
		die("brk");
}

static void map_over(struct area *area, size_t pages)
{
	if (mmap(area->begin, pages * page, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		die("mmap");
}

/* As code without frame pointers does it: the caller is data, different each time. */
static __attribute__((noinline)) void unmap_astray(char *memory, uintptr_t nowhere)
{
	uintptr_t *volatile *frame = __builtin_frame_address(0);
	uintptr_t *callers = *frame;
	uintptr_t data[2] = { 0, nowhere };

	*frame = data;
	munmap(memory, page);
	*frame = callers;
}

static void go_astray(size_t times)
{
	static char data[1 << 20];

	for (size_t i = 0; i < times; i++)
		unmap_astray(map_and_write(1), (uintptr_t)&data[16 * i % sizeof(data)]);
}

static void inside(struct area *area, size_t pages)
{
	tidemark_release_begin();
	advise(area, pages, MADV_DONTNEED);
	tidemark_release_end();
}

static void work_in_child(size_t pages)
{
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (!child) {
		struct area own;

		touch(&own, pages);
		advise(&own, pages, MADV_DONTNEED);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/* MADV_COLD begins with lru_add_drain(), on the CPU that runs it (mm/madvise.c). */
static void drain(void)
{
	static char *one;

	if (!one)
		one = map_and_write(1);
	/* Its own CPU is the last: what other processes leave there is not ours to free. */
	for (int cpu = last_cpu(); cpu >= 0; cpu--) {
		if (!CPU_ISSET(cpu, &allowed))
			continue;
		run_on(cpu);
		if (madvise(one, page, MADV_COLD))
			die("madvise");
	}
}

static atomic_bool noisy;

/* Pages go when others are mapped over them: with each call, an RSS would be far off. */
static void *make_noise(void *unused)
{
	size_t bytes = 256 * page;
	char *memory = map_and_write(256);

	(void)unused;
	run_on(last_cpu());
	while (noisy) {
		memory = mmap(memory, bytes, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (memory == MAP_FAILED)
			die("mmap");
		for (size_t i = 0; i < 256; i++)
			memory[i * page] = 1;
	}
	return NULL;
}

static void noise(size_t on)
{
	static pthread_t thread;

	noisy = on;
	if (on && pthread_create(&thread, NULL, make_noise, NULL))
		die("pthread_create");
	if (!on)
		pthread_join(thread, NULL);
}

static void cost(size_t pages)
{
	struct timespec begin, end;
	char *memory = map_and_write(pages);

	madvise(memory, pages * page, MADV_DONTNEED);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (size_t i = 0; i < pages; i++)
		memory[i * page] = 1;
	clock_gettime(CLOCK_MONOTONIC, &end);
	munmap(memory, pages * page);
	printf("%.0f\n",
	       ((double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec)) /
		       (double)pages);
}

static bool draining = true;

static void set_draining(size_t on)
{
	draining = on;
}

static void print_place(struct area *area, size_t unused)
{
	(void)unused;
	printf("%#lx\n", (unsigned long)area->begin);
}

/* One of the three is set. */
static const struct command {
	const char *word;
	int advice;
	void (*with_area)(struct area *area, size_t number);
	void (*alone)(size_t number);
} commands[] = {
	{ "touch", .with_area = touch },
	{ "dontneed", .advice = MADV_DONTNEED },
	{ "free", .advice = MADV_FREE },
	{ "cold", .advice = MADV_COLD },
	{ "pageout", .advice = MADV_PAGEOUT },
	{ "guard", .advice = GUARD_INSTALL },
	{ "self", .with_area = advise_self },
	{ "munmap", .with_area = unmap },
	{ "mremap", .with_area = shrink },
	{ "over", .with_area = map_over },
	{ "up", .alone = move_up },
	{ "down", .alone = move_down },
	{ "below", .alone = move_below },
	{ "astray", .alone = go_astray },
	{ "inside", .with_area = inside },
	{ "fork", .alone = work_in_child },
	{ "noise", .alone = noise },
	{ "draining", .alone = set_draining },
	{ "cost", .alone = cost },
	{ "where", .with_area = print_place },
};

static int obey(struct area *area, const char *word, size_t number)
{
	const struct command *command = commands;
	const struct command *end = commands + sizeof(commands) / sizeof(commands[0]);

	if (draining)
		drain();
	while (command < end && strcmp(command->word, word))
		command++;
	if (command == end)
		return -1;
	if (command->with_area)
		command->with_area(area, number);
	else if (command->alone)
		command->alone(number);
	else
		advise(area, number, command->advice);
	return 0;
}

int main(void)
{
	struct area area = { NULL, 0 };
	char word[32];
	size_t number;
	char line[64];

	page = (size_t)sysconf(_SC_PAGESIZE);
	sched_getaffinity(0, sizeof(allowed), &allowed);
	run_on(first_cpu());
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "quit\n"))
			break;
		number = 0;
		if (sscanf(line, "%31s %zu", word, &number) < 1 || obey(&area, word, number))
			puts("what?");
		else
			puts("done");
	}
	return 0;
}
