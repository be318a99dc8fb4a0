/*
 * jemalloc, 5.2 and later: everything goes through mallctl (see jemalloc(3), MALLCTL NAMESPACE).
 *
 * What the live version does not know, mallctl answers with ENOENT, so nothing here depends on the
 * version of the header.
 */
#include "allocators/allocator.h"

#include <dlfcn.h>
#include <errno.h>
#include <jemalloc/jemalloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

enum kind {
	KIND_BOOL,
	KIND_UNSIGNED,
	KIND_SIZE,
	KIND_SSIZE,
	KIND_TEXT,
	KIND_DECAY, /* an ssize_t of each arena, and of those to come */
};

static const struct allocator_knob knobs[] = {
	{ "dirty_decay_ms", KNOB_RUNTIME, NULL, NULL,
	  "time until unused dirty pages are purged; 0: at once, -1: never (10000)" },
	{ "muzzy_decay_ms", KNOB_RUNTIME, NULL, NULL,
	  "time from a lazy purge (MADV_FREE) to a forced one; 0: only forced ones (0)" },
	{ "background_thread", KNOB_RUNTIME, NULL, NULL,
	  "purge from threads of jemalloc's own, so also when nobody allocates (false)" },
	{ "max_background_threads", KNOB_RUNTIME, NULL, NULL,
	  "most background threads (4, or one for each core)" },
	{ "narenas", KNOB_STARTUP, "MALLOC_CONF", "narenas:", "arenas (4 for each core)" },
	{ "percpu_arena", KNOB_STARTUP, "MALLOC_CONF",
	  "percpu_arena:", "an arena for each CPU: disabled, percpu, phycpu (disabled)" },
	{ "tcache", KNOB_STARTUP, "MALLOC_CONF", "tcache:", "thread caches (true)" },
	{ "tcache_max", KNOB_STARTUP, "MALLOC_CONF",
	  "tcache_max:", "largest size in a thread cache, from 5.3 on (32768)" },
	{ "lg_tcache_max", KNOB_STARTUP, "MALLOC_CONF",
	  "lg_tcache_max:", "its logarithm, before 5.3 (15)" },
	{ "retain", KNOB_STARTUP, "MALLOC_CONF",
	  "retain:", "keep unused address space mapped (true)" },
	{ "oversize_threshold", KNOB_STARTUP, "MALLOC_CONF", "oversize_threshold:",
	  "blocks from this size on have an arena that purges at once (8388608)" },
	{ "thp", KNOB_STARTUP, "MALLOC_CONF",
	  "thp:", "transparent huge pages: default, always, never (default)" },
	{ "metadata_thp", KNOB_STARTUP, "MALLOC_CONF",
	  "metadata_thp:", "huge pages for metadata: disabled, auto, always (disabled)" },
	{ "dss", KNOB_STARTUP, "MALLOC_CONF",
	  "dss:", "use of sbrk: disabled, primary, secondary (secondary)" },
	{ "lg_extent_max_active_fit", KNOB_STARTUP, "MALLOC_CONF", "lg_extent_max_active_fit:",
	  "how much larger a reused dirty extent may be, as a logarithm (6)" },
	{ NULL },
};

/* In the order of knobs. */
static const enum kind kinds[] = {
	KIND_DECAY,    /* dirty_decay_ms */
	KIND_DECAY,    /* muzzy_decay_ms */
	KIND_BOOL,     /* background_thread */
	KIND_SIZE,     /* max_background_threads */
	KIND_UNSIGNED, /* narenas */
	KIND_TEXT,     /* percpu_arena */
	KIND_BOOL,     /* tcache */
	KIND_SIZE,     /* tcache_max */
	KIND_SIZE,     /* lg_tcache_max */
	KIND_BOOL,     /* retain */
	KIND_SIZE,     /* oversize_threshold */
	KIND_TEXT,     /* thp */
	KIND_TEXT,     /* metadata_thp */
	KIND_TEXT,     /* dss */
	KIND_SIZE,     /* lg_extent_max_active_fit */
};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) + 1 == sizeof(knobs) / sizeof(knobs[0]),
	       "every knob has its kind");

/* Whether somebody has set background_thread here, and to what. */
static struct {
	bool set;
	bool on;
} background;

static const char *version(void)
{
	const char *text = "unknown";
	size_t length = sizeof(text);

	mallctl("version", &text, &length, NULL, 0);
	return text;
}

static int read_control(const char *name, void *value, size_t size)
{
	return -mallctl(name, value, &size, NULL, 0);
}

/* mallctl says EFAULT to a decay time out of range, EINVAL to other bad values. */
static int write_control(const char *name, const void *value, size_t size)
{
	int error = mallctl(name, NULL, NULL, (void *)value, size);

	return error == EFAULT ? -EINVAL : -error;
}

/*
 * A background thread does not survive a fork, and reads as off in the child even where
 * MALLOC_CONF has asked for it.
 */
static int start_process(void)
{
	bool on = false;

	if (background.set)
		on = background.on;
	else
		read_control("opt.background_thread", &on, sizeof(on));
	return on ? write_control("background_thread", &on, sizeof(on)) : 0;
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
 * Not thread.idle: that flushes the cache and then, where there are many arenas, also purges this
 * thread's, which release_process does once for all.
 */
static void flush_thread(void)
{
	mallctl("thread.tcache.flush", NULL, NULL, NULL, 0); /* EFAULT: it has no cache */
}

static int release_process(char why[ALLOCATOR_TEXT])
{
	char name[32];

	(void)why;
	snprintf(name, sizeof(name), "arena.%d.purge", MALLCTL_ARENAS_ALL);
	return write_control(name, NULL, 0);
}

static bool arena_exists(unsigned arena)
{
	char name[48];
	bool initialized = false;

	snprintf(name, sizeof(name), "arena.%u.initialized", arena);
	return !read_control(name, &initialized, sizeof(initialized)) && initialized;
}

/*
 * arenas.* is for arenas that are made later, arena.<i>.* for one that exists; MALLCTL_ARENAS_ALL
 * is not taken here. An arena for oversized blocks that exists already loses its own time, 0.
 */
static int set_decay(const char *knob, ssize_t ms)
{
	unsigned count;
	char name[48];
	int error;

	snprintf(name, sizeof(name), "arenas.%s", knob);
	error = write_control(name, &ms, sizeof(ms));
	if (!error)
		error = read_control("arenas.narenas", &count, sizeof(count));
	for (unsigned i = 0; !error && i < count; i++) {
		if (!arena_exists(i))
			continue;
		snprintf(name, sizeof(name), "arena.%u.%s", i, knob);
		error = write_control(name, &ms, sizeof(ms));
	}
	return error;
}

static int get_decay(const char *knob, char value[ALLOCATOR_TEXT])
{
	ssize_t ms, low, high;
	unsigned count;
	char name[48];
	int error;

	snprintf(name, sizeof(name), "arenas.%s", knob);
	error = read_control(name, &ms, sizeof(ms));
	if (!error)
		error = read_control("arenas.narenas", &count, sizeof(count));
	if (error)
		return error;
	low = high = ms;
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "arena.%u.%s", i, knob);
		if (!arena_exists(i) || read_control(name, &ms, sizeof(ms)))
			continue;
		low = ms < low ? ms : low;
		high = ms > high ? ms : high;
	}
	if (low == high)
		snprintf(value, ALLOCATOR_TEXT, "%zd", low);
	else
		snprintf(value, ALLOCATOR_TEXT, "mixed: arenas from %zd to %zd", low, high);
	return 0;
}

/* For arenas that are made from here on; those that exist have the same, see set_decay(). */
static uint64_t delay(void)
{
	ssize_t dirty = 0, muzzy = 0, longest;

	read_control("arenas.dirty_decay_ms", &dirty, sizeof(dirty));
	read_control("arenas.muzzy_decay_ms", &muzzy, sizeof(muzzy));
	longest = dirty > muzzy ? dirty : muzzy;
	return longest > 0 ? (uint64_t)longest * 1000000 : 0;
}

static int parse_ssize(const char *text, ssize_t *number)
{
	char *end;

	if ((*text < '0' || *text > '9') && *text != '-')
		return -EINVAL;
	errno = 0;
	*number = strtol(text, &end, 10);
	return errno || end == text || *end ? -EINVAL : 0;
}

static int set_background(const char *value)
{
	bool on = !strcmp(value, "true");
	int error;

	if (!on && strcmp(value, "false"))
		return -EINVAL;
	error = write_control("background_thread", &on, sizeof(on));
	if (error)
		return error;
	background.set = true;
	background.on = on;
	return 0;
}

static int set(const struct allocator_knob *knob, const char *value)
{
	enum kind kind = kinds[knob - knobs];
	ssize_t number;
	size_t size;

	if (knob->when != KNOB_RUNTIME)
		return -ENOTSUP;
	if (kind == KIND_BOOL)
		return set_background(value);
	if (parse_ssize(value, &number))
		return -EINVAL;
	if (kind == KIND_DECAY)
		return set_decay(knob->name, number);
	if (number < 1) /* jemalloc 5.3.0 takes 0 threads, and then divides by it */
		return -EINVAL;
	size = (size_t)number;
	return write_control(knob->name, &size, sizeof(size));
}

static int get(const struct allocator_knob *knob, char value[ALLOCATOR_TEXT])
{
	static const size_t sizes[] = { sizeof(bool), sizeof(unsigned), sizeof(size_t),
					sizeof(ssize_t), sizeof(char *) };
	enum kind kind = kinds[knob - knobs];
	union {
		bool boolean;
		unsigned number;
		size_t size;
		const char *text;
	} v;
	char name[64];
	int error;

	if (kind == KIND_DECAY)
		return get_decay(knob->name, value);
	snprintf(name, sizeof(name), "%s%s", knob->when == KNOB_STARTUP ? "opt." : "", knob->name);
	error = read_control(name, &v, sizes[kind]);
	if (error)
		return error;
	if (kind == KIND_BOOL)
		snprintf(value, ALLOCATOR_TEXT, "%s", v.boolean ? "true" : "false");
	else if (kind == KIND_TEXT)
		snprintf(value, ALLOCATOR_TEXT, "%s", v.text);
	else
		snprintf(value, ALLOCATOR_TEXT, "%zu", kind == KIND_UNSIGNED ? v.number : v.size);
	return 0;
}

/*
 * stats.allocated counts what sits in thread caches as handed out; less that, it is what was not
 * given back. Free is what is left of the resident bytes without metadata: unused dirty pages,
 * holes in slabs, and the caches. "Resident" is jemalloc's own upper bound: pages that it has not
 * purged, touched or not.
 */
static int stats(struct allocator_stats *stats)
{
	uint64_t epoch = 1;
	size_t allocated, resident, metadata, cached = 0;
	char name[48];

	write_control("epoch", &epoch, sizeof(epoch));
	if (read_control("stats.allocated", &allocated, sizeof(allocated)) ||
	    read_control("stats.resident", &resident, sizeof(resident)) ||
	    read_control("stats.metadata", &metadata, sizeof(metadata)))
		return -ENOTSUP; /* built with --disable-stats */
	snprintf(name, sizeof(name), "stats.arenas.%d.tcache_bytes", MALLCTL_ARENAS_ALL);
	read_control(name, &cached, sizeof(cached));
	/* The counters are not read at one instant. */
	stats->used = allocated > cached ? allocated - cached : 0;
	stats->free = resident > metadata + stats->used ? resident - metadata - stats->used : 0;
	return 0;
}

static int proof(char sentence[ALLOCATOR_TEXT])
{
	void *address = dlsym(RTLD_DEFAULT, "malloc");
	uint64_t before = 0, after = 0;
	Dl_info info = { 0 };
	void *volatile block;

	if (!address || !dladdr(address, &info))
		info.dli_fname = "an unknown place";
	read_control("thread.allocated", &before, sizeof(before));
	block = malloc(4096);
	read_control("thread.allocated", &after, sizeof(after));
	free(block);
	if (after - before < 4096) {
		snprintf(sentence, ALLOCATOR_TEXT,
			 "malloc is in %s, and jemalloc %s does not see what it hands out",
			 info.dli_fname, version());
		return -ENOENT;
	}
	snprintf(sentence, ALLOCATOR_TEXT,
		 "malloc is in %s, and jemalloc %s counts what it hands out (thread.allocated)",
		 info.dli_fname, version());
	return 0;
}

const struct allocator allocator = {
	.interface = ALLOCATOR_INTERFACE,
	.name = ALLOCATOR_NAME,
	.version = version,
	.start_process = start_process,
	.take = take,
	.give = give,
	.flush_thread = flush_thread,
	.release_process = release_process,
	.knobs = knobs,
	.join = ',',
	.set = set,
	.get = get,
	.delay = delay,
	.stats = stats,
	.proof = proof,
};
