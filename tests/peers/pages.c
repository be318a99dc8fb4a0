/*
 * pages.c - a program that takes and gives back known numbers of pages, one command a line:
 *
 *   touch N      maps N pages and writes to each
 *   dontneed N, free N, cold N, pageout N
 *                advises the first N pages that were touched last
 *   self N       the same as dontneed, through process_madvise on itself
 *   munmap N     unmaps the last N pages of them
 *   mremap N     shrinks them by their last N pages
 *   up N         moves the program break up by N pages, and writes to each
 *   down N       moves it down by N pages
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
		die("madvise");
}

static void advise_self(const struct area *area, size_t pages)
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

static void inside(const struct area *area, size_t pages)
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

/* Pages go when others are mapped over them: mmap is no call that the probe counts. */
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

static int obey(struct area *area, const char *word, size_t number)
{
	if (draining)
		drain();
	if (!strcmp(word, "touch"))
		touch(area, number);
	else if (!strcmp(word, "dontneed"))
		advise(area, number, MADV_DONTNEED);
	else if (!strcmp(word, "free"))
		advise(area, number, MADV_FREE);
	else if (!strcmp(word, "cold"))
		advise(area, number, MADV_COLD);
	else if (!strcmp(word, "pageout"))
		advise(area, number, MADV_PAGEOUT);
	else if (!strcmp(word, "self"))
		advise_self(area, number);
	else if (!strcmp(word, "munmap"))
		unmap(area, number);
	else if (!strcmp(word, "mremap"))
		shrink(area, number);
	else if (!strcmp(word, "up"))
		move_up(number);
	else if (!strcmp(word, "down"))
		move_down(number);
	else if (!strcmp(word, "inside"))
		inside(area, number);
	else if (!strcmp(word, "fork"))
		work_in_child(number);
	else if (!strcmp(word, "noise"))
		noise(number);
	else if (!strcmp(word, "draining"))
		draining = number;
	else if (!strcmp(word, "cost"))
		cost(number);
	else if (!strcmp(word, "where"))
		printf("%#lx\n", (unsigned long)area->begin);
	else
		return -1;
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
