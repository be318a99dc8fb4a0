/*
 * family.c - what an allocator can do besides malloc and free. See family.h.
 *
 * A family is one row. Names, arguments and numbers are part of each library's interface; no header
 * is needed, and what a live version does not know it answers with an error, which is passed on.
 */
#include "allocators/preload/family.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* Of the family that was found, in the order of its row. */
static void *bound[FAMILY_FUNCTIONS];

/* --- jemalloc(3), MALLCTL NAMESPACE; 4096 stands for all arenas from 5.0 on ------------------- */

static int control(const char *name, void *old, size_t *size, void *value, size_t length)
{
	return -((int (*)(const char *, void *, size_t *, void *, size_t))bound[0])(name, old, size,
										    value, length);
}

static int read_control(const char *name, void *value, size_t size)
{
	return control(name, value, &size, NULL, 0);
}

static const char *jemalloc_version(void)
{
	const char *text = NULL;

	return read_control("version", &text, sizeof(text)) ? NULL : text;
}

/* A background thread does not survive a fork, and reads as off in the child. */
static int jemalloc_start(void)
{
	bool on = false;

	read_control("opt.background_thread", &on, sizeof(on));
	return on ? control("background_thread", NULL, NULL, &on, sizeof(on)) : 0;
}

static void jemalloc_flush(void)
{
	control("thread.tcache.flush", NULL, NULL, NULL, 0); /* EFAULT: it has no cache */
}

static int jemalloc_release(char why[ALLOCATOR_TEXT])
{
	(void)why;
	return control("arena.4096.purge", NULL, NULL, NULL, 0);
}

static uint64_t jemalloc_delay(void)
{
	ssize_t dirty = 0, muzzy = 0, longest;

	read_control("arenas.dirty_decay_ms", &dirty, sizeof(dirty));
	read_control("arenas.muzzy_decay_ms", &muzzy, sizeof(muzzy));
	longest = dirty > muzzy ? dirty : muzzy;
	return longest > 0 ? (uint64_t)longest * 1000000 : 0;
}

/* What sits in thread caches counts as free; the counters are not read at one instant. */
static int jemalloc_stats(struct allocator_stats *stats)
{
	size_t allocated, resident, metadata, cached = 0;
	uint64_t epoch = 1;

	control("epoch", NULL, NULL, &epoch, sizeof(epoch));
	if (read_control("stats.allocated", &allocated, sizeof(allocated)) ||
	    read_control("stats.resident", &resident, sizeof(resident)) ||
	    read_control("stats.metadata", &metadata, sizeof(metadata)))
		return -ENOTSUP; /* built with --disable-stats */
	read_control("stats.arenas.4096.tcache_bytes", &cached, sizeof(cached));
	stats->used = allocated > cached ? allocated - cached : 0;
	stats->free = resident > metadata + stats->used ? resident - metadata - stats->used : 0;
	return 0;
}

/* --- mimalloc: mi_collect(force), for the calling thread's heap ------------------------------- */

/* 2.0.9 is 209 in mi_version(), 3.4.3 is 30403; here both are counted like the second. */
static int mimalloc_number(void)
{
	int number = ((int (*)(void))bound[1])();

	if (number >= 10000)
		return number;
	return number / 100 * 10000 + number / 10 % 10 * 100 + number % 10;
}

static const char *mimalloc_version(void)
{
	static char text[32];
	int number = mimalloc_number();

	snprintf(text, sizeof(text), "%d.%d.%d", number / 10000, number / 100 % 100, number % 100);
	return text;
}

/*
 * What the places in mi_option_t mean has changed once: 2.1.2 and, on the same day, 1.8.2 purge
 * where 2.0 decommits (the release notes, and the headers of 1.8.8, 2.0.7, 2.0.9 and 2.1.4). Before
 * 1.8.2, 1.x has fewer places than are read here, and a place that is not there is not refused.
 */
static bool mimalloc_purges(int number)
{
	return number >= 20102 || (number >= 10802 && number < 20000);
}

static bool mimalloc_decommits(int number)
{
	return number >= 20000 && number < 20102;
}

static long mimalloc_option(int place)
{
	return ((long (*)(int))bound[2])(place);
}

static void mimalloc_flush(void)
{
	((void (*)(bool))bound[0])(true);
}

static int mimalloc_release(char why[ALLOCATOR_TEXT])
{
	mimalloc_flush();
	if (mimalloc_decommits(mimalloc_number()) && mimalloc_option(15))
		snprintf(why, ALLOCATOR_TEXT,
			 "released only what is a whole segment (32 MiB) without a live block, as "
			 "mimalloc 2 before 2.1.2 does it unless it was started with "
			 "MIMALLOC_DECOMMIT_DELAY=0");
	return 0;
}

static uint64_t mimalloc_delay(void)
{
	int number = mimalloc_number();
	long ms = 100; /* reset_delay of 1.x, unless set; its place has moved */

	if (mimalloc_purges(number))
		ms = mimalloc_option(15) * mimalloc_option(24); /* purge_delay, arena_purge_mult */
	else if (mimalloc_decommits(number) && mimalloc_option(23) > mimalloc_option(15))
		ms = mimalloc_option(23); /* segment_decommit_delay */
	else if (mimalloc_decommits(number))
		ms = mimalloc_option(15); /* decommit_delay */
	return ms > 0 ? (uint64_t)ms * 1000000 : 0;
}

/* --- gperftools: malloc_extension_c.h ----------------------------------------------------------
 */

static const char *tcmalloc_version(void)
{
	return ((const char *(*)(int *, int *, const char **))bound[3])(NULL, NULL, NULL);
}

static void tcmalloc_flush(void)
{
	((void (*)(void))bound[1])();
}

static size_t tcmalloc_property(const char *name)
{
	size_t value = 0;

	((int (*)(const char *, size_t *))bound[2])(name, &value);
	return value;
}

static int tcmalloc_release(char why[ALLOCATOR_TEXT])
{
	size_t before = tcmalloc_property("tcmalloc.pageheap_free_bytes");
	size_t after;

	((void (*)(void))bound[0])();
	after = tcmalloc_property("tcmalloc.pageheap_free_bytes");
	if (before && after >= before)
		snprintf(why, ALLOCATOR_TEXT,
			 "released nothing: %zu KiB stay free in the page heap; was it started "
			 "with TCMALLOC_DISABLE_MEMORY_RELEASE?",
			 after >> 10);
	return 0;
}

static int tcmalloc_stats(struct allocator_stats *stats)
{
	stats->used = tcmalloc_property("generic.current_allocated_bytes");
	stats->free = tcmalloc_property("tcmalloc.pageheap_free_bytes") +
		      tcmalloc_property("tcmalloc.central_cache_free_bytes") +
		      tcmalloc_property("tcmalloc.transfer_cache_free_bytes") +
		      tcmalloc_property("tcmalloc.thread_cache_free_bytes");
	return 0;
}

/* --- oneTBB: scalable_allocator.h; malloc is in its proxy, the command in the library behind ---
 */

enum {
	TBB_CLEAN_ALL_BUFFERS,
	TBB_CLEAN_THREAD_BUFFERS
};

static void tbb_flush(void)
{
	((int (*)(int, void *))bound[0])(TBB_CLEAN_THREAD_BUFFERS, NULL);
}

/* What it returns tells only whether anything went, not that next to nothing did. */
static int tbb_release(char why[ALLOCATOR_TEXT])
{
	((int (*)(int, void *))bound[0])(TBB_CLEAN_ALL_BUFFERS, NULL);
	snprintf(why, ALLOCATOR_TEXT,
		 "released only regions without a live block, as oneTBB does: a few survivors can "
		 "hold all the rest");
	return 0;
}

/* --- scudo: commands to mallopt(3), as Bionic has them ---------------------------------------- */

enum {
	SCUDO_PURGE = -101,
	SCUDO_PURGE_ALL = -104 /* empties the threads' caches as well; from LLVM 17 on */
};

static int scudo_release(char why[ALLOCATOR_TEXT])
{
	int (*command)(int, int) = (int (*)(int, int))bound[0];

	if (!command(SCUDO_PURGE_ALL, 0) && !command(SCUDO_PURGE, 0))
		snprintf(why, ALLOCATOR_TEXT,
			 "released nothing: scudo does not know mallopt(M_PURGE)");
	return 0;
}

/* flags.inc: 5000 ms unless set. It cannot be read back. */
static uint64_t scudo_delay(void)
{
	static const char key[] = "release_to_os_interval_ms=";
	const char *options = getenv("SCUDO_OPTIONS");
	const char *value = options ? strstr(options, key) : NULL;
	long ms = value ? strtol(value + strlen(key), NULL, 10) : 5000;

	return ms > 0 ? (uint64_t)ms * 1000000 : 0;
}

/* --- malloc_trim(3), of the library itself -----------------------------------------------------
 */

static int trim_release(char why[ALLOCATOR_TEXT])
{
	(void)why;
	((int (*)(size_t))bound[0])(0);
	return 0;
}

/* --- all of them -------------------------------------------------------------------------------
 */

/* malloc_trim last: others have it too, for programs that expect it. */
static const struct family families[] = {
	{ .name = "jemalloc",
	  .call = "mallctl arena.4096.purge",
	  .functions = { "mallctl" },
	  .start_process = jemalloc_start,
	  .version = jemalloc_version,
	  .flush_thread = jemalloc_flush,
	  .release_process = jemalloc_release,
	  .delay = jemalloc_delay,
	  .stats = jemalloc_stats },
	{ .name = "jemalloc",
	  .call = "je_mallctl arena.4096.purge",
	  .functions = { "je_mallctl" },
	  .start_process = jemalloc_start,
	  .version = jemalloc_version,
	  .flush_thread = jemalloc_flush,
	  .release_process = jemalloc_release,
	  .delay = jemalloc_delay,
	  .stats = jemalloc_stats },
	{ .name = "mimalloc",
	  .call = "mi_collect",
	  .functions = { "mi_collect", "mi_version", "mi_option_get" },
	  .version = mimalloc_version,
	  .flush_thread = mimalloc_flush,
	  .release_process = mimalloc_release,
	  .delay = mimalloc_delay },
	{ .name = "gperftools",
	  .call = "MallocExtension_ReleaseFreeMemory",
	  .functions = { "MallocExtension_ReleaseFreeMemory",
			 "MallocExtension_MarkThreadTemporarilyIdle",
			 "MallocExtension_GetNumericProperty", "tc_version" },
	  .version = tcmalloc_version,
	  .flush_thread = tcmalloc_flush,
	  .release_process = tcmalloc_release,
	  .stats = tcmalloc_stats },
	{ .name = "oneTBB",
	  .call = "scalable_allocation_command",
	  .functions = { "scalable_allocation_command" },
	  .elsewhere = true,
	  .flush_thread = tbb_flush,
	  .release_process = tbb_release },
	{ .name = "scudo",
	  .call = "mallopt(M_PURGE)",
	  .functions = { "mallopt", "__scudo_print_stats" },
	  .release_process = scudo_release,
	  .delay = scudo_delay },
	{ .name = "malloc_trim",
	  .call = "malloc_trim",
	  .functions = { "malloc_trim" },
	  .release_process = trim_release },
};

static bool has_all(const struct live *live, const struct family *one)
{
	for (size_t i = 0; i < FAMILY_FUNCTIONS && one->functions[i]; i++)
		if (!live_function(live, one->functions[i], one->elsewhere))
			return false;
	return true;
}

const struct family *family_find(const struct live *live)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (!has_all(live, &families[i]))
			continue;
		for (size_t j = 0; j < FAMILY_FUNCTIONS && families[i].functions[j]; j++)
			bound[j] = live_function(live, families[i].functions[j],
						 families[i].elsewhere);
		return &families[i];
	}
	return NULL;
}
