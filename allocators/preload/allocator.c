/*
 * preload: whichever allocator LD_PRELOAD has put before the C library's.
 *
 * It is asked through malloc and free alone. What is live is looked up in the process itself
 * (live.c), what else it can do goes by the functions that it exports (family.c).
 */
#include "allocators/allocator.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "allocators/preload/family.h"
#include "allocators/preload/live.h"

static struct live live;
static const struct family *family; /* NULL: it exports no release call that we know */

/* Again after fork: the same library is live, and may want to be started again. */
static int start_process(void)
{
	int error = 0;

	if (live_find(&live))
		return 0; /* the proof tells why */
	family = family_find(&live);
	if (family && family->start_process)
		error = family->start_process();
	return error;
}

/* "jemalloc 5.3.0-0-g54eaed1", else the file without its links: libtbbmalloc_proxy.so.2.8. */
static const char *version(void)
{
	static char text[ALLOCATOR_TEXT];
	const char *told = family && family->version ? family->version() : NULL;

	if (!told)
		snprintf(text, sizeof(text), "%s", live_file(&live));
	else if (!strncmp(told, family->name, strlen(family->name)))
		snprintf(text, sizeof(text), "%s", told);
	else
		snprintf(text, sizeof(text), "%s %s", family->name, told);
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

static void flush_thread(void)
{
	if (family && family->flush_thread)
		family->flush_thread();
}

static int release_process(char why[ALLOCATOR_TEXT])
{
	if (family)
		return family->release_process(why);
	snprintf(why, ALLOCATOR_TEXT, "released nothing: %s exports no release call that we know",
		 live_file(&live));
	return 0;
}

static uint64_t delay(void)
{
	return family && family->delay ? family->delay() : 0;
}

static int stats(struct allocator_stats *stats)
{
	return family && family->stats ? family->stats(stats) : -ENOTSUP;
}

static int proof(char sentence[ALLOCATOR_TEXT])
{
	int error = live_prove(&live, sentence);
	size_t used = strlen(sentence);

	if (!error)
		snprintf(sentence + used, ALLOCATOR_TEXT - used, "; release call: %s",
			 family ? family->call : "none that we know");
	return error;
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
	.delay = delay,
	.stats = stats,
	.proof = proof,
};
