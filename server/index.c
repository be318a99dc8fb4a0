/*
 * index.c - descriptor -> place of its record. See index.h.
 */
#include "server/index.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/resource.h>
#include <unistd.h>

#define LIMIT_MOST  ((size_t)1 << 30) /* of fs.nr_open (fs/file.c, sysctl_nr_open_max), about */
#define LIMIT_LEAST ((size_t)1 << 16)

static size_t page_places(void)
{
	return (size_t)sysconf(_SC_PAGESIZE) / sizeof(uint32_t);
}

/* What a process may open, as a whole number of pages. */
static size_t wanted_limit(void)
{
	struct rlimit files;
	size_t limit = LIMIT_MOST;

	if (!getrlimit(RLIMIT_NOFILE, &files))
		limit = MIN(limit, (size_t)files.rlim_max);
	return (limit + page_places() - 1) / page_places() * page_places();
}

static void *reserve(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

int index_init(struct index *index)
{
	char *memory = NULL;
	size_t limit = wanted_limit();

	memset(index, 0, sizeof(*index));
	pthread_mutex_init(&index->lock, NULL);
	/* With strict overcommit (vm.overcommit_memory=2) a large limit may not fit: take less. */
	for (; !memory; limit /= 2) {
		index->limit = limit;
		index->reserved = limit * sizeof(uint32_t) +
				  limit / page_places() * sizeof(*index->used);
		memory = reserve(index->reserved);
		if (!memory && limit <= LIMIT_LEAST)
			return -ENOMEM;
	}
	/* Huge pages would make 2 MiB of the first descriptor. */
	madvise(memory, index->reserved, MADV_NOHUGEPAGE);
	index->places = (_Atomic uint32_t *)memory;
	index->used = (uint16_t *)(memory + index->limit * sizeof(uint32_t));
	return 0;
}

void index_move(struct index *index, int fd, uint32_t place)
{
	atomic_store_explicit(&index->places[fd], place + 1, memory_order_relaxed);
}

int index_set(struct index *index, int fd, uint32_t place)
{
	if ((size_t)fd >= index->limit)
		return -ENOMEM;
	pthread_mutex_lock(&index->lock);
	if (!index->used[(size_t)fd / page_places()]++)
		atomic_fetch_add(&index->pages, 1);
	index_move(index, fd, place);
	pthread_mutex_unlock(&index->lock);
	return 0;
}

void index_clear(struct index *index, int fd)
{
	size_t page = (size_t)fd / page_places();

	pthread_mutex_lock(&index->lock);
	index_move(index, fd, UINT32_MAX);
	if (!--index->used[page]) {
		atomic_fetch_sub(&index->pages, 1);
		/* The first page stays: a server that is nearly idle would fault it in for ever. */
		if (page)
			madvise((void *)(index->places + page * page_places()),
				page_places() * sizeof(uint32_t), MADV_DONTNEED);
	}
	pthread_mutex_unlock(&index->lock);
}

size_t index_held(const struct index *index)
{
	return atomic_load(&index->pages) * page_places() * sizeof(uint32_t);
}

void index_free(struct index *index)
{
	if (index->places)
		munmap((void *)index->places, index->reserved);
	pthread_mutex_destroy(&index->lock);
	memset(index, 0, sizeof(*index));
}
