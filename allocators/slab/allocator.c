/*
 * slab: our own, made for the memory of connections; the reference for what is possible.
 *
 * Blocks of one size stand together in slabs of 1 to 8 pages (slabs.h), always as low as there is
 * room (pages.h). Of these nothing is handed back but by release_process, in short steps, with the
 * advice that was asked for; a block over 32 KiB is unmapped when it is given. With compact=on the
 * server has the survivors of a burst moved together first, so that every other page can go.
 *
 * One lock, held for some ten nanoseconds, for the copy of a block that moves, or for one step of a
 * release. The single heap is static because the interface, like malloc, has no handle for one.
 */
#include "allocators/allocator.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include "allocators/slab/slabs.h"

#define RELEASE_STEP 64 /* pages: some tens of microseconds of madvise, all others waiting */

/* <sys/mman.h> of a glibc before 2.33 lacks these two; madvise(2) says -EINVAL before Linux 5.4. */
#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

static struct heap {
	pthread_mutex_t lock;
	struct slabs slabs;
	_Atomic uint64_t large; /* bytes of blocks with mappings of their own */
	_Atomic uint64_t stuck; /* resident bytes of given ones that could not be unmapped */
	_Atomic int advice;
	atomic_bool compact;
} heap = { .lock = PTHREAD_MUTEX_INITIALIZER, .advice = MADV_DONTNEED };

enum {
	KNOB_ADVICE,
	KNOB_COMPACT
};

static const struct allocator_knob knobs[] = {
	[KNOB_ADVICE] = { "advice", KNOB_RUNTIME, NULL, NULL,
			  "how free pages go: dontneed, free, cold, pageout (dontneed)" },
	[KNOB_COMPACT] = { "compact", KNOB_RUNTIME, NULL, NULL,
			   "before a release, have blocks moved together: on, off (off)" },
	{ NULL },
};

static const struct advice {
	const char *name;
	int advice;
	bool swaps; /* the content is kept, in swap */
} advices[] = {
	{ "dontneed", MADV_DONTNEED, false },
	{ "free", MADV_FREE, false },
	{ "cold", MADV_COLD, true },
	{ "pageout", MADV_PAGEOUT, true },
};

#define ADVICES (sizeof(advices) / sizeof(advices[0]))

static const char *version(void)
{
	return "1";
}

/* A fork may have found the lock in another thread's hands; the child has no such thread. */
static int start_process(void)
{
	pthread_mutex_init(&heap.lock, NULL);
	return slabs_init(&heap.slabs);
}

static size_t whole_pages(size_t size)
{
	return (size + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

static void *take_large(size_t size)
{
	size_t length = whole_pages(size);
	void *block;

	if (length < size)
		return NULL;
	block = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		return NULL;
	heap.large += length;
	return block;
}

/*
 * Neighbours share a mapping, and cutting it in two fails at vm.max_map_count (munmap(2)): then the
 * pages go all the same, and their addresses stay unused.
 */
static void give_large(void *block, size_t size)
{
	size_t length = whole_pages(size);

	heap.large -= length;
	if (munmap(block, length) && madvise(block, length, MADV_DONTNEED))
		heap.stuck += length;
}

static void *take(size_t size)
{
	void *block;

	if (size > CLASSES_LARGEST)
		return take_large(size);
	pthread_mutex_lock(&heap.lock);
	block = slabs_take(&heap.slabs, size);
	pthread_mutex_unlock(&heap.lock);
	return block;
}

static void give(void *block, size_t size)
{
	if (size > CLASSES_LARGEST) {
		give_large(block, size);
		return;
	}
	pthread_mutex_lock(&heap.lock);
	slabs_give(&heap.slabs, block, size);
	pthread_mutex_unlock(&heap.lock);
}

/* A block with a mapping of its own pins nothing but itself. */
static void *move(void *block, size_t size)
{
	if (size > CLASSES_LARGEST)
		return block;
	pthread_mutex_lock(&heap.lock);
	block = slabs_move(&heap.slabs, block, size);
	pthread_mutex_unlock(&heap.lock);
	return block;
}

static bool wants_moves(void)
{
	return heap.compact;
}

static const struct advice *find_advice(void)
{
	const struct advice *advice = advices;
	int wanted = heap.advice; /* read once: it may be set meanwhile */

	while (advice->advice != wanted)
		advice++;
	return advice;
}

static bool has_swap(void)
{
	struct sysinfo info;

	return !sysinfo(&info) && info.totalswap;
}

static int release_process(char why[ALLOCATOR_TEXT])
{
	const struct advice *advice = find_advice();
	int result;

	/* Before the pages are taken for advised: they may go another way later. */
	if (advice->swaps && !has_swap()) {
		snprintf(why, ALLOCATOR_TEXT, "released nothing: advice=%s needs swap",
			 advice->name);
		return 0;
	}
	pthread_mutex_lock(&heap.lock);
	result = slabs_release(&heap.slabs, RELEASE_STEP, advice->advice);
	pthread_mutex_unlock(&heap.lock);
	if (result == -EINVAL)
		snprintf(why, ALLOCATOR_TEXT, "released nothing: this kernel has no advice=%s",
			 advice->name);
	return result;
}

static int set_advice(const char *value)
{
	for (size_t i = 0; i < ADVICES; i++)
		if (!strcmp(value, advices[i].name)) {
			heap.advice = advices[i].advice;
			return 0;
		}
	return -EINVAL;
}

static int set(const struct allocator_knob *knob, const char *value)
{
	if (knob == &knobs[KNOB_ADVICE])
		return set_advice(value);
	if (strcmp(value, "on") && strcmp(value, "off"))
		return -EINVAL;
	heap.compact = !strcmp(value, "on");
	return 0;
}

static int get(const struct allocator_knob *knob, char value[ALLOCATOR_TEXT])
{
	snprintf(value, ALLOCATOR_TEXT, "%s",
		 knob == &knobs[KNOB_ADVICE] ? find_advice()->name
		 : heap.compact		     ? "on"
					     : "off");
	return 0;
}

static int stats(struct allocator_stats *stats)
{
	uint64_t pages;

	pthread_mutex_lock(&heap.lock);
	pages = heap.slabs.occupied + heap.slabs.pages.dirty_count;
	stats->used = heap.slabs.used;
	pthread_mutex_unlock(&heap.lock);
	stats->free = pages * PAGE_BYTES - stats->used + heap.stuck;
	stats->used += heap.large;
	return 0;
}

static int proof(char sentence[ALLOCATOR_TEXT])
{
	void *block = take(1);
	bool ours = block && pages_hold(&heap.slabs.pages, block);

	if (block)
		give(block, 1);
	snprintf(sentence, ALLOCATOR_TEXT,
		 "a block of 1 byte stands %s the slabs; the malloc of the process is left alone",
		 ours ? "in" : "outside of");
	return ours ? 0 : -ENOENT;
}

const struct allocator allocator = {
	.interface = ALLOCATOR_INTERFACE,
	.name = ALLOCATOR_NAME,
	.version = version,
	.start_process = start_process,
	.take = take,
	.give = give,
	.flush_thread = NULL, /* threads keep nothing for themselves */
	.release_process = release_process,
	.knobs = knobs,
	.set = set,
	.get = get,
	.stats = stats,
	.proof = proof,
	.move = move,
	.wants_moves = wants_moves,
};
