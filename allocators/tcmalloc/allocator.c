/*
 * tcmalloc, as in gperftools: MallocExtension's functions for C and its numeric properties.
 *
 * What it releases is what its page heap holds. Spans of which an object is in use, or lies in the
 * central free lists or the transfer caches, stay; nothing empties those two.
 */
#include "allocators/allocator.h"

#include <dlfcn.h>
#include <errno.h>
#include <gperftools/malloc_extension_c.h>
#include <gperftools/tcmalloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * release_rate can be set at run time in C++ only (MallocExtension::SetMemoryReleaseRate is a
 * virtual member), and read as little from C.
 */
static const struct allocator_knob knobs[] = {
	{ "aggressive_decommit", KNOB_RUNTIME, NULL, NULL,
	  "hand every span back as it becomes free: true, false (false)" },
	{ "max_total_thread_cache_bytes", KNOB_RUNTIME, NULL, NULL,
	  "bytes in all thread caches, 524288 to 1073741824 (33554432)" },
	{ "heap_limit_mb", KNOB_RUNTIME, NULL, NULL,
	  "release, then fail, rather than take more from the kernel; 0: no limit (0)" },
	{ "release_rate", KNOB_STARTUP, "TCMALLOC_RELEASE_RATE", NULL,
	  "0 to 10; driven by the page heap's activity, not by time; 0: never (1)" },
	{ "disable_memory_release", KNOB_STARTUP, "TCMALLOC_DISABLE_MEMORY_RELEASE", NULL,
	  "1: never hand anything back (0)" },
	{ "transfer_num_objects", KNOB_STARTUP, "TCMALLOC_TRANSFER_NUM_OBJ", NULL,
	  "most objects moved at once between a thread's cache and the central lists (32)" },
	{ "skip_sbrk", KNOB_STARTUP, "TCMALLOC_SKIP_SBRK", NULL, "1: do not use sbrk (0)" },
	{ "skip_mmap", KNOB_STARTUP, "TCMALLOC_SKIP_MMAP", NULL, "1: do not use mmap (0)" },
	{ NULL },
};

/* In the order of knobs; those at startup have none. */
static const char *const properties[] = {
	"tcmalloc.aggressive_memory_decommit",
	"tcmalloc.max_total_thread_cache_bytes",
	"tcmalloc.heap_limit_mb",
};

static const char *version(void)
{
	return tc_version(NULL, NULL, NULL);
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

/*
 * Not MarkThreadIdle: that takes the whole cache away from the thread, which has to make a new one,
 * under a lock and small again, as soon as it goes on.
 */
static void flush_thread(void)
{
	MallocExtension_MarkThreadTemporarilyIdle();
}

static size_t property(const char *name)
{
	size_t value = 0;

	MallocExtension_GetNumericProperty(name, &value);
	return value;
}

static int release_process(char why[ALLOCATOR_TEXT])
{
	size_t before = property("tcmalloc.pageheap_free_bytes");
	size_t after;

	MallocExtension_ReleaseFreeMemory();
	after = property("tcmalloc.pageheap_free_bytes");
	if (before && after >= before)
		snprintf(why, ALLOCATOR_TEXT,
			 "released nothing: %zu KiB stay free in the page heap; is "
			 "disable_memory_release set?",
			 after >> 10);
	return 0;
}

static int parse_size(const char *text, size_t *number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	*number = strtoul(text, &end, 10);
	return errno || *end ? -EINVAL : 0;
}

static int parse_bool(const char *text, size_t *number)
{
	*number = !strcmp(text, "true");
	return *number || !strcmp(text, "false") ? 0 : -EINVAL;
}

static bool is_bool(const struct allocator_knob *knob)
{
	return knob == &knobs[0];
}

/* A value out of range is changed in silence: then put the old one back, and refuse it. */
static int set(const struct allocator_knob *knob, const char *value)
{
	size_t i = (size_t)(knob - knobs);
	size_t wanted, former, now;

	if (knob->when != KNOB_RUNTIME)
		return -ENOTSUP;
	if (is_bool(knob) ? parse_bool(value, &wanted) : parse_size(value, &wanted))
		return -EINVAL;
	if (!MallocExtension_GetNumericProperty(properties[i], &former))
		return -ENOENT;
	if (!MallocExtension_SetNumericProperty(properties[i], wanted))
		return -ENOTSUP;
	if (MallocExtension_GetNumericProperty(properties[i], &now) && now == wanted)
		return 0;
	MallocExtension_SetNumericProperty(properties[i], former);
	return -EINVAL;
}

static int get(const struct allocator_knob *knob, char value[ALLOCATOR_TEXT])
{
	size_t now;

	if (knob->when != KNOB_RUNTIME)
		return -ENOTSUP;
	if (!MallocExtension_GetNumericProperty(properties[knob - knobs], &now))
		return -ENOENT;
	if (is_bool(knob))
		snprintf(value, ALLOCATOR_TEXT, "%s", now ? "true" : "false");
	else
		snprintf(value, ALLOCATOR_TEXT, "%zu", now);
	return 0;
}

/* Spans that were never touched count as free too; what was handed back (unmapped) does not. */
static int stats(struct allocator_stats *stats)
{
	stats->used = property("generic.current_allocated_bytes");
	stats->free = property("tcmalloc.pageheap_free_bytes") +
		      property("tcmalloc.central_cache_free_bytes") +
		      property("tcmalloc.transfer_cache_free_bytes") +
		      property("tcmalloc.thread_cache_free_bytes");
	return 0;
}

static int proof(char sentence[ALLOCATOR_TEXT])
{
	void *address = dlsym(RTLD_DEFAULT, "malloc");
	void *block = malloc(64);
	bool ours = MallocExtension_GetOwnership(block) == MallocExtension_kOwned;
	Dl_info info = { 0 };

	free(block);
	if (!address || !dladdr(address, &info))
		info.dli_fname = "an unknown place";
	snprintf(sentence, ALLOCATOR_TEXT, "malloc is in %s, and %s %s its blocks (GetOwnership)",
		 info.dli_fname, version(), ours ? "owns" : "does not own");
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
	.stats = stats,
	.proof = proof,
};
