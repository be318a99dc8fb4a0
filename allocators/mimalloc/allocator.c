/*
 * mimalloc, 2.0 to 3.x, and 1.x from 1.8.2 on. Every thread has a heap that only it can collect.
 *
 * Options are read from the environment, MIMALLOC_<NAME>. Which exist depends on the version: the
 * table holds all, and get says -ENOENT for those that the live one lacks.
 *
 * There are no statistics: a release build counts neither the bytes in use nor the free ones.
 * mi_process_info's "commit" is what was asked of the kernel, touched or not (2.0.9 gives it out as
 * "rss" too), and in 3.0.1 it falls below zero. Both seen.
 */
#include "allocators/allocator.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mimalloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct allocator_knob knobs[] = {
	{ "decommit_delay", KNOB_STARTUP, "MIMALLOC_DECOMMIT_DELAY", NULL,
	  "ms until free pages may be handed back, before 2.1.2; 0: at once (25)" },
	{ "segment_decommit_delay", KNOB_STARTUP, "MIMALLOC_SEGMENT_DECOMMIT_DELAY", NULL,
	  "the same for a whole cached segment, before 2.1.2 (500)" },
	{ "decommit_extend_delay", KNOB_STARTUP, "MIMALLOC_DECOMMIT_EXTEND_DELAY", NULL,
	  "ms by which another free puts it off, before 2.1.2 (1)" },
	{ "allow_decommit", KNOB_STARTUP, "MIMALLOC_ALLOW_DECOMMIT", NULL,
	  "hand free pages back, before 2.1.2; 0: never (1)" },
	{ "page_reset", KNOB_STARTUP, "MIMALLOC_PAGE_RESET", NULL,
	  "MADV_FREE a page when its last block is free, before 2.1.2 (0)" },
	{ "abandoned_page_decommit", KNOB_STARTUP, "MIMALLOC_ABANDONED_PAGE_DECOMMIT", NULL,
	  "hand back free pages of a thread that ends, before 2.1.2 (0)" },
	{ "purge_delay", KNOB_STARTUP, "MIMALLOC_PURGE_DELAY", NULL,
	  "ms until free pages may be handed back, from 2.1.2 on; 0: at once, -1: never "
	  "(10; 3.x 1000 or more)" },
	{ "purge_decommits", KNOB_STARTUP, "MIMALLOC_PURGE_DECOMMITS", NULL,
	  "hand back by MADV_DONTNEED, from 2.1.2 on; 0: by MADV_FREE (1)" },
	{ "arena_purge_mult", KNOB_STARTUP, "MIMALLOC_ARENA_PURGE_MULT", NULL,
	  "multiplies purge_delay for arenas, from 2.1.2 on (10; 3.x fewer)" },
	{ "arena_eager_commit", KNOB_STARTUP, "MIMALLOC_ARENA_EAGER_COMMIT", NULL,
	  "commit arenas at once, from 2.1.2 on; 2: where the kernel overcommits (2)" },
	{ "abandoned_page_purge", KNOB_STARTUP, "MIMALLOC_ABANDONED_PAGE_PURGE", NULL,
	  "hand back free pages of a thread that ends, 2.1.2 to 3.0 (0)" },
	{ "eager_commit", KNOB_STARTUP, "MIMALLOC_EAGER_COMMIT", NULL,
	  "commit a segment at once, before 3.1 (1)" },
	{ "eager_commit_delay", KNOB_STARTUP, "MIMALLOC_EAGER_COMMIT_DELAY", NULL,
	  "first segments of a thread that are not, before 3.1 (1)" },
	{ "large_os_pages", KNOB_STARTUP, "MIMALLOC_LARGE_OS_PAGES", NULL,
	  "huge pages, before 2.1.2 (0)" },
	{ "allow_large_os_pages", KNOB_STARTUP, "MIMALLOC_ALLOW_LARGE_OS_PAGES", NULL,
	  "huge pages, from 2.1.2 on (0; 3.x 2: transparent ones)" },
	{ NULL },
};

/*
 * In the order of knobs: the place in mi_option_t, and the versions that have it (the first, and
 * the first that has it no more). The places are ABI, the names in the header are not: 15 has been
 * reset_delay, decommit_delay and purge_delay.
 */
static const struct {
	int place;
	int since;
	int before;
} options[] = {
	{ 15, 20000, 20102 },	/* decommit_delay */
	{ 23, 20000, 20102 },	/* segment_decommit_delay */
	{ 24, 20000, 20102 },	/* decommit_extend_delay */
	{ 22, 20000, 20102 },	/* allow_decommit */
	{ 11, 20000, 20102 },	/* page_reset */
	{ 12, 20000, 20102 },	/* abandoned_page_decommit */
	{ 15, 20102, INT_MAX }, /* purge_delay */
	{ 5, 20102, INT_MAX },	/* purge_decommits */
	{ 24, 20102, INT_MAX }, /* arena_purge_mult */
	{ 4, 20102, INT_MAX },	/* arena_eager_commit */
	{ 12, 20102, 30100 },	/* abandoned_page_purge */
	{ 3, 20000, 30100 },	/* eager_commit */
	{ 14, 20000, 30100 },	/* eager_commit_delay */
	{ 6, 20000, 20102 },	/* large_os_pages */
	{ 6, 20102, INT_MAX },	/* allow_large_os_pages */
};

_Static_assert(sizeof(options) / sizeof(options[0]) + 1 == sizeof(knobs) / sizeof(knobs[0]),
	       "every knob has its option");

/*
 * 1.8.2 and 2.1.2 came out on one day, and so did those after them: they differ in their segments
 * and have the same options (the release notes, and the headers of 1.8.8 and 2.1.4).
 */
#define PAIR_OF_1 (20102 - 10802)

/* 2.0.9 is 209 in mi_version(), 3.4.3 is 30403; here both are counted like the second. */
static int live_version(void)
{
	int number = mi_version();

	if (number >= 10000)
		return number;
	return number / 100 * 10000 + number / 10 % 10 * 100 + number % 10;
}

/* The version that options goes by. */
static int options_version(void)
{
	int number = live_version();

	return number >= 10802 && number < 20000 ? number + PAIR_OF_1 : number;
}

static const char *version(void)
{
	static char text[32];
	int number = live_version();

	snprintf(text, sizeof(text), "%d.%d.%d", number / 10000, number / 100 % 100, number % 100);
	return text;
}

static void *take(size_t size)
{
	return malloc(size);
}

static void give(void *block, size_t size)
{
	(void)size;
	free(block);
}

#if MI_MALLOC_VERSION < 300

/*
 * Before 2.1.2 a run of pages that becomes free in a segment (32 MiB) with live blocks is handed
 * back when the delay is over and the same segment is used once more. mi_collect(true) does not do
 * it: it hands back whole segments only, and one live block keeps one (seen with 2.0.9; with a
 * delay of 0 pages go as they become free). So we look whether it could do its work: resident
 * memory before the first thread's collection and after the last one, and what the blocks in use
 * pin. From 3.0 on mi_collect(true) hands back all that is free, and there is nothing to explain.
 */
static struct {
	_Atomic size_t before;
	_Atomic size_t pinned;
} release;

/* Below this much, memory that is not mimalloc's drowns it. */
static const size_t worth_a_remark = 4 << 20;

/* Anonymous resident bytes of the process; 0: unknown. Takes nothing from the heap. */
static size_t anonymous(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	size_t resident, shared;
	char text[128];
	ssize_t length;

	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	if (sscanf(text, "%*u %zu %zu", &resident, &shared) != 2)
		return 0;
	return (resident - shared) * (size_t)sysconf(_SC_PAGESIZE);
}

/* What mimalloc holds at most: memory that was asked for but never touched is not resident. */
static size_t held(void)
{
	size_t resident = anonymous(), committed = 0;

	mi_process_info(NULL, NULL, NULL, NULL, NULL, &committed, NULL, NULL);
	return committed < resident ? committed : resident;
}

/* Called for each page of a heap: one block in use pins all that is committed of it. */
static bool add_pinned(const mi_heap_t *heap, const mi_heap_area_t *area, void *block, size_t size,
		       void *sum)
{
	(void)heap;
	(void)block;
	(void)size;
	if (area->used)
		*(size_t *)sum += area->committed;
	return true;
}

static void flush_thread(void)
{
	size_t unset = 0, pinned = 0;

	atomic_compare_exchange_strong(&release.before, &unset, anonymous());
	mi_collect(true);
	mi_heap_visit_blocks(mi_heap_get_default(), false, add_pinned, &pinned);
	atomic_fetch_add(&release.pinned, pinned);
}

static void explain(size_t released, size_t idle, char why[ALLOCATOR_TEXT])
{
	const char *knob = options_version() < 20102 ? "decommit_delay" : "purge_delay";
	long delay = mi_option_get((mi_option_t)options[0].place);
	char what[32] = "nothing";

	if (!delay || idle < worth_a_remark || released > idle)
		return;
	if (released >= worth_a_remark / 4)
		snprintf(what, sizeof(what), "only %zu MiB", released >> 20);
	snprintf(why, ALLOCATOR_TEXT,
		 "released %s: %zu MiB without a block in use stay; pages beside live blocks "
		 "wait for %s (%ld ms) and the next use of their segment; "
		 "set --tune %s=0",
		 what, idle >> 20, knob, delay, knob);
}

/* The threads' heaps have been collected: all that is left to do is to look what came of it. */
static int release_process(char why[ALLOCATOR_TEXT])
{
	size_t before = atomic_exchange(&release.before, 0);
	size_t pinned = atomic_exchange(&release.pinned, 0);
	bool flushed = before;
	size_t after, released, kept;

	if (!flushed) {
		before = anonymous();
		mi_collect(true);
	}
	after = anonymous();
	released = before > after ? before - after : 0;
	kept = held();
	if (flushed)
		explain(released, kept > pinned ? kept - pinned : 0, why);
	else if (released < worth_a_remark / 4)
		snprintf(why, ALLOCATOR_TEXT,
			 "released nothing: mi_collect reaches only the calling thread's heap, "
			 "and no thread has flushed its own");
	return 0;
}

#else

static void flush_thread(void)
{
	mi_collect(true);
}

static int release_process(char why[ALLOCATOR_TEXT])
{
	(void)why;
	mi_collect(true);
	return 0;
}

#endif

/* mi_option_get knows what was read from the environment. */
static int get(const struct allocator_knob *knob, char value[ALLOCATOR_TEXT])
{
	size_t i = (size_t)(knob - knobs);

	if (options_version() < options[i].since || options_version() >= options[i].before)
		return -ENOENT;
	snprintf(value, ALLOCATOR_TEXT, "%ld", mi_option_get((mi_option_t)options[i].place));
	return 0;
}

static int set(const struct allocator_knob *knob, const char *value)
{
	(void)knob;
	(void)value;
	return -ENOTSUP; /* mi_option_set would act on what is freed from then on only */
}

/* decommit_delay or, at the same place, purge_delay; segment_decommit_delay; arena_purge_mult. */
static uint64_t delay(void)
{
	long ms = mi_option_get((mi_option_t)options[0].place);
	long segment = mi_option_get((mi_option_t)options[1].place);

	if (options_version() >= 20102)
		ms *= mi_option_get((mi_option_t)options[8].place);
	else if (segment > ms)
		ms = segment;
	return ms > 0 ? (uint64_t)ms * 1000000 : 0;
}

static int proof(char sentence[ALLOCATOR_TEXT])
{
	void *address = dlsym(RTLD_DEFAULT, "malloc");
	void *block = malloc(64);
	bool ours = mi_is_in_heap_region(block);
	Dl_info info = { 0 };

	free(block);
	if (!address || !dladdr(address, &info))
		info.dli_fname = "an unknown place";
	snprintf(sentence, ALLOCATOR_TEXT,
		 "malloc is in %s, and its blocks lie %s mimalloc %s (mi_is_in_heap_region)",
		 info.dli_fname, ours ? "in the heap of" : "outside the heap of", version());
	return ours ? 0 : -ENOENT;
}

const struct allocator allocator = {
	.interface = ALLOCATOR_INTERFACE,
	.name = ALLOCATOR_NAME,
	.version = version,
	.take = take,
	.give = give,
	.flush_thread = flush_thread,
	.release_process = release_process,
	.knobs = knobs,
	.set = set,
	.get = get,
	.delay = delay,
	.stats = NULL,
	.proof = proof,
};
