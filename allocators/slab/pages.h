/*
 * pages.h - runs of 1, 2, 4 or 8 pages from one stretch of address space, lowest address first.
 *
 * Lowest first keeps what is in use together: the end of the stretch empties by itself (as in
 * phkmalloc, and jemalloc since). Free pages stay resident ("dirty") until pages_release() hands
 * them back. The stretch is 64 GiB long. Knows nothing of blocks; the caller locks.
 */
#ifndef ALLOCATORS_SLAB_PAGES_H
#define ALLOCATORS_SLAB_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allocators/slab/set.h"
#include "allocators/slab/stretch.h"

#define PAGE_SHIFT   12
#define PAGE_BYTES   ((size_t)1 << PAGE_SHIFT)
#define PAGES_ORDERS 4 /* runs of 1 << order pages, aligned to their length */
#define PAGES_NONE   SET_NONE

struct pages {
	struct stretch stretch;
	uint32_t top;	      /* no page from this one on has been used since the last trim */
	uint64_t dirty_count; /* free pages that have not been handed back since they were used */
	struct set free[PAGES_ORDERS]; /* first pages of the free runs of exactly that order */
	struct set dirty;	       /* these pages */
};

/*
 * Reserves address space, no memory. Returns 0, -ENOMEM, or -ENOTSUP where pages are not 4 KiB.
 * Does nothing the second time.
 */
int pages_init(struct pages *pages);

/* The first page of the lowest free run, or PAGES_NONE. */
uint32_t pages_take(struct pages *pages, unsigned int order);

void pages_give(struct pages *pages, uint32_t page, unsigned int order);

/* Is a run of that order free below the page? */
bool pages_free_below(const struct pages *pages, unsigned int order, uint32_t page);

/*
 * Hands at most limit pages back with that advice (MADV_...), fewer where they are scattered, so
 * that each run of them takes a call; or looks at most at so many for where the stretch may end.
 * Returns 1 when there is more to do, 0 when that was all, or -errno.
 */
int pages_release(struct pages *pages, unsigned int limit, int advice);

static inline char *pages_address(const struct pages *pages, uint32_t page)
{
	return pages->stretch.start + ((size_t)page << PAGE_SHIFT);
}

static inline bool pages_hold(const struct pages *pages, const void *address)
{
	return (size_t)((const char *)address - pages->stretch.start) < (size_t)SET_LIMIT
										<< PAGE_SHIFT;
}

static inline uint32_t pages_number(const struct pages *pages, const void *address)
{
	return (uint32_t)((size_t)((const char *)address - pages->stretch.start) >> PAGE_SHIFT);
}

#endif
