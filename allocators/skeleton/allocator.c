/*
 * The template of a plug-in, and a small allocator that works: every block is a mapping of its own.
 *
 * Copy the folder, keep what your allocator can do, and set the other members to NULL: the server
 * then says that there is nothing of the kind. Never imitate. A plug-in includes allocator.h and
 * the headers of its library, and knows nothing else of this project.
 */
#include "allocators/allocator.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * What can be tuned, in your allocator's own words; a row without name ends the table. Rows go
 *
 *	{ "arenas", KNOB_STARTUP, "MYALLOC_CONF", "arenas:", "what it does, and its default" }
 *
 * for a value that the library reads from the environment as it wakes up: the server puts
 * MYALLOC_CONF=arenas:<value> there (several are joined by .join) and executes itself again. A
 * KNOB_RUNTIME has no variable; set() is called for it.
 */
static const struct allocator_knob knobs[] = {
	{ "populate", KNOB_RUNTIME, NULL, NULL,
	  "fault a block's pages in when it is taken: true, false (false)" },
	{ NULL },
};

static atomic_bool populate;
static atomic_size_t used;

/* Ask the library that is loaded; the version of the header is another thing. */
static const char *version(void)
{
	return "1";
}

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* Any thread may take, and another may give. NULL: there is no memory for a block so large. */
static void *take(size_t size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | (populate ? MAP_POPULATE : 0);
	size_t length = whole_pages(size);
	void *block;

	if (length < size)
		return NULL;
	block = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (block == MAP_FAILED)
		return NULL;
	used += length;
	return block;
}

static void give(void *block, size_t size)
{
	size_t length = whole_pages(size);

	munmap(block, length);
	used -= length;
}

/* Pages go back as they are given, so there is never anything left to release. */
static int release_process(char why[ALLOCATOR_TEXT])
{
	(void)why; /* a remark goes here when the work could not be done: "released nothing: ..." */
	return 0;
}

/* Refuse what the allocator would not do: a value changed in silence is a lie in a table. */
static int set(const struct allocator_knob *knob, const char *value)
{
	(void)knob; /* there is only one; else: which row it is, knob - knobs */
	if (strcmp(value, "true") && strcmp(value, "false"))
		return -EINVAL;
	populate = !strcmp(value, "true");
	return 0;
}

/* The value in effect, and not the one that was asked for; -ENOTSUP when it cannot be read. */
static int get(const struct allocator_knob *knob, char value[ALLOCATOR_TEXT])
{
	(void)knob;
	snprintf(value, ALLOCATOR_TEXT, "%s", populate ? "true" : "false");
	return 0;
}

/* ALLOCATOR_ABSENT in a field of which the allocator keeps no count. */
static int stats(struct allocator_stats *stats)
{
	stats->used = used;
	stats->free = 0;
	return 0;
}

/*
 * Says which allocator is live, by something that no other would show: a block's place in a heap, a
 * counter that moves. That the library is linked proves nothing: another malloc may come before it.
 */
static int proof(char sentence[ALLOCATOR_TEXT])
{
	size_t before = used;
	void *block = take(1);
	bool counted = used - before == whole_pages(1);

	if (block)
		give(block, 1);
	snprintf(sentence, ALLOCATOR_TEXT, "blocks are mappings: one of 1 byte is %s as a page",
		 counted ? "counted" : "not counted");
	return counted ? 0 : -ENOENT;
}

const struct allocator allocator = {
	.interface = ALLOCATOR_INTERFACE,
	.name = ALLOCATOR_NAME,
	.version = version,

	/* For what a process has to put up before its first block, and again after a fork. */
	.start_process = NULL,

	/* For what a thread has to put up or take down: a heap, a registration. */
	.start_thread = NULL,
	.stop_thread = NULL,

	.take = take,
	.give = give,

	/* For what only the thread itself can empty: its cache. */
	.flush_thread = NULL,
	.release_process = release_process,

	.knobs = knobs,
	.join = 0, /* no two startup knobs share a variable */
	.set = set,
	.get = get,

	/* For one that hands memory back by itself, after a while: the window must be longer. */
	.delay = NULL,
	.stats = stats,
	.proof = proof,

	/* For an allocator that can tell which block should stand elsewhere. */
	.move = NULL,
};
