/*
 * glibc: the allocator of the C library (malloc/malloc.c, malloc/arena.c).
 *
 * Its tunables come in two kinds. What mallopt(3) can set is a runtime knob here, because
 * GLIBC_TUNABLES takes any nonsense in silence; the rest must be in the environment before the
 * process starts. Nothing of either can be read back: the values live in a static struct (mp_).
 */
#include "allocators/allocator.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <limits.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

/*
 * trim_threshold, top_pad, mmap_threshold and mmap_max: setting any one of them, by mallopt or by
 * environment, ends the dynamic adjustment of mmap_threshold and trim_threshold (no_dyn_threshold).
 * arena_max and arena_test could be set by mallopt too, but the limit is computed only once, when
 * threads first compete for arenas: too late a call would do nothing and say nothing.
 */
static const struct allocator_knob knobs[] = {
	{ "trim_threshold", KNOB_RUNTIME, NULL, NULL,
	  "free bytes on top of the heap that make free() trim it; -1: never (131072, dynamic)" },
	{ "top_pad", KNOB_RUNTIME, NULL, NULL,
	  "extra bytes at every growth of the heap, kept at every trim (0)" },
	{ "mmap_threshold", KNOB_RUNTIME, NULL, NULL,
	  "blocks from this size on get a mapping of their own (131072, dynamic up to 32 MiB)" },
	{ "mmap_max", KNOB_RUNTIME, NULL, NULL,
	  "how many blocks may have a mapping of their own (65536)" },
	{ "mxfast", KNOB_RUNTIME, NULL, NULL,
	  "largest size of the fastbins, whose free chunks are not joined, up to 160 (128)" },
	{ "perturb", KNOB_RUNTIME, NULL, NULL,
	  "overwrite blocks when taken and given back, 1-255; 0: do not (0)" },
	{ "arena_max", KNOB_STARTUP, "GLIBC_TUNABLES",
	  "glibc.malloc.arena_max=", "most arenas (8 for each core)" },
	{ "arena_test", KNOB_STARTUP, "GLIBC_TUNABLES",
	  "glibc.malloc.arena_test=", "arenas before the limit by cores is computed (8)" },
	{ "tcache_count", KNOB_STARTUP, "GLIBC_TUNABLES", "glibc.malloc.tcache_count=",
	  "chunks of each size in a thread's cache; 0: no cache (7)" },
	{ "tcache_max", KNOB_STARTUP, "GLIBC_TUNABLES",
	  "glibc.malloc.tcache_max=", "largest size in a thread's cache (1032)" },
	{ "tcache_unsorted_limit", KNOB_STARTUP, "GLIBC_TUNABLES",
	  "glibc.malloc.tcache_unsorted_limit=",
	  "chunks looked at in the unsorted list to fill the cache; 0: all (0)" },
	{ "hugetlb", KNOB_STARTUP, "GLIBC_TUNABLES", "glibc.malloc.hugetlb=",
	  "1: madvise transparent huge pages, 2: MAP_HUGETLB, from glibc 2.35 on (0)" },
	{ NULL },
};

/*
 * In the order of knobs: what the runtime ones are called in mallopt, and what they may be. mallopt
 * takes an int, and by itself refuses nothing but a larger mxfast.
 */
static const struct {
	int parameter;
	long min;
	long max;
} options[] = {
	{ M_TRIM_THRESHOLD, -1, INT_MAX }, /* trim_threshold */
	{ M_TOP_PAD, 0, INT_MAX },	   /* top_pad */
	{ M_MMAP_THRESHOLD, 0, INT_MAX },  /* mmap_threshold */
	{ M_MMAP_MAX, 0, INT_MAX },	   /* mmap_max */
	{ M_MXFAST, 0, INT_MAX },	   /* mxfast */
	{ M_PERTURB, 0, 255 },		   /* perturb */
};

static void *take(size_t size)
{
	return malloc(size);
}

static void give(void *block, size_t size)
{
	(void)size;
	free(block);
}

/*
 * Walks every arena, joins its fastbins and hands interior free pages back too (since 2.8). What
 * sits in the threads' caches stays, and pins its pages. That it released nothing (0) may be
 * because there was nothing, so it is not worth a remark.
 */
static int release_process(char why[ALLOCATOR_TEXT])
{
	(void)why;
	malloc_trim(0);
	return 0;
}

static int parse_long(const char *text, long *number)
{
	char *end;

	if ((*text < '0' || *text > '9') && *text != '-')
		return -EINVAL;
	errno = 0;
	*number = strtol(text, &end, 10);
	return errno || end == text || *end ? -EINVAL : 0;
}

static int set(const struct allocator_knob *knob, const char *value)
{
	size_t i = (size_t)(knob - knobs);
	long number;

	if (SANITIZED || knob->when != KNOB_RUNTIME)
		return -ENOTSUP;
	if (parse_long(value, &number) || number < options[i].min || number > options[i].max)
		return -EINVAL;
	return mallopt(options[i].parameter, (int)number) ? 0 : -EINVAL;
}

static int get(const struct allocator_knob *knob, char value[ALLOCATOR_TEXT])
{
	(void)knob;
	(void)value;
	return -ENOTSUP;
}

/*
 * used counts the chunks in threads' caches as handed out. The free bytes (fordblks) say nothing of
 * residence: they stay the same when malloc_trim has handed their pages back.
 */
static int stats(struct allocator_stats *stats)
{
	struct mallinfo2 info;

	if (SANITIZED)
		return -ENOTSUP;
	info = mallinfo2();
	stats->used = info.uordblks + info.hblkhd;
	stats->free = ALLOCATOR_ABSENT;
	return 0;
}

/* The object that a symbol comes from when a library of this process looks for it. */
static const void *object_of(const char *symbol, const char **path)
{
	void *address = dlsym(RTLD_DEFAULT, symbol);
	Dl_info info;

	if (!address || !dladdr(address, &info))
		return NULL;
	*path = info.dli_fname;
	return info.dli_fbase;
}

static int proof(char sentence[ALLOCATOR_TEXT])
{
	const char *path = "nowhere to be found";
	const char *libc_path = "";
	const void *object = object_of("malloc", &path);

	if (SANITIZED) {
		snprintf(sentence, ALLOCATOR_TEXT,
			 "malloc is in %s: a sanitizer stands before glibc %s, as this was built",
			 path, gnu_get_libc_version());
		return 0;
	}
	if (object && object == object_of("gnu_get_libc_version", &libc_path)) {
		snprintf(sentence, ALLOCATOR_TEXT, "malloc is in %s, which is glibc %s", path,
			 gnu_get_libc_version());
		return 0;
	}
	snprintf(sentence, ALLOCATOR_TEXT, "malloc is in %s, and not in glibc %s", path,
		 gnu_get_libc_version());
	return -ENOENT;
}

const struct allocator allocator = {
	.interface = ALLOCATOR_INTERFACE,
	.name = ALLOCATOR_NAME,
	.version = gnu_get_libc_version,
	.take = take,
	.give = give,
	.flush_thread = NULL, /* glibc empties a tcache only when its thread ends */
	.release_process = release_process,
	.knobs = knobs,
	.join = ':',
	.set = set,
	.get = get,
	.stats = stats,
	.proof = proof,
};
