/*
 * pages.c - runs of pages: a buddy system (Knowlton 1965) whose free lists are sets. See pages.h.
 */
#include "allocators/slab/pages.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGEST (1u << (PAGES_ORDERS - 1)) /* pages of the largest run */
#define STEP	1024u /* pages; address space is made usable so many at a time */

/* As long as nothing may be read or written there, the kernel does not count it as committed. */
int pages_init(struct pages *pages)
{
	if (pages->start)
		return 0;
	if (sysconf(_SC_PAGESIZE) != PAGE_BYTES)
		return -ENOTSUP;
	for (unsigned int i = 0; i < PAGES_ORDERS; i++)
		if (set_init(&pages->free[i]))
			return -ENOMEM;
	if (set_init(&pages->dirty))
		return -ENOMEM;
	pages->start = mmap(NULL, (size_t)SET_LIMIT << PAGE_SHIFT, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (pages->start == MAP_FAILED) {
		pages->start = NULL;
		return -ENOMEM;
	}
	/* A huge page could be handed back only as a whole. */
	madvise(pages->start, (size_t)SET_LIMIT << PAGE_SHIFT, MADV_NOHUGEPAGE);
	return 0;
}

/* Adds a run of the largest order behind the last one. */
static int grow(struct pages *pages)
{
	if (pages->top == SET_LIMIT)
		return -ENOMEM;
	if (pages->top == pages->usable) {
		if (mprotect(pages_address(pages, pages->usable), STEP * PAGE_BYTES,
			     PROT_READ | PROT_WRITE))
			return -ENOMEM;
		pages->usable += STEP;
	}
	set_add(&pages->free[PAGES_ORDERS - 1], pages->top);
	pages->top += LARGEST;
	return 0;
}

/* The lowest free run that is long enough, and its order. */
static uint32_t find(const struct pages *pages, unsigned int *order)
{
	uint32_t lowest = PAGES_NONE;

	for (unsigned int i = *order; i < PAGES_ORDERS; i++) {
		uint32_t page = set_first(&pages->free[i]);

		if (page < lowest) {
			lowest = page;
			*order = i;
		}
	}
	return lowest;
}

static void mark_used(struct pages *pages, uint32_t page, unsigned int order)
{
	for (uint32_t i = page; i < page + (1u << order); i++) {
		if (!set_has(&pages->dirty, i))
			continue;
		set_remove(&pages->dirty, i);
		pages->dirty_count--;
	}
}

uint32_t pages_take(struct pages *pages, unsigned int order)
{
	unsigned int found = order;
	uint32_t page = find(pages, &found);

	if (page == PAGES_NONE) {
		found = PAGES_ORDERS - 1;
		if (grow(pages))
			return PAGES_NONE;
		page = pages->top - LARGEST;
	}
	set_remove(&pages->free[found], page);
	while (found > order) {
		found--;
		set_add(&pages->free[found], page + (1u << found));
	}
	mark_used(pages, page, order);
	return page;
}

void pages_give(struct pages *pages, uint32_t page, unsigned int order)
{
	for (uint32_t i = page; i < page + (1u << order); i++)
		set_add(&pages->dirty, i);
	pages->dirty_count += 1u << order;
	while (order < PAGES_ORDERS - 1 && set_has(&pages->free[order], page ^ 1u << order)) {
		set_remove(&pages->free[order], page ^ 1u << order);
		page &= ~(1u << order);
		order++;
	}
	set_add(&pages->free[order], page);
}

bool pages_free_below(const struct pages *pages, unsigned int order, uint32_t page)
{
	return find(pages, &order) < page;
}

/* The stretch ends where its last run in use does. Returns whether there is more to cut off. */
static int trim(struct pages *pages, unsigned int limit)
{
	for (; pages->top; limit -= LARGEST) {
		if (!set_has(&pages->free[PAGES_ORDERS - 1], pages->top - LARGEST))
			return 0;
		if (limit < LARGEST)
			return 1;
		pages->top -= LARGEST;
		set_remove(&pages->free[PAGES_ORDERS - 1], pages->top);
	}
	return 0;
}

int pages_release(struct pages *pages, unsigned int limit, int advice)
{
	uint32_t first = set_first(&pages->dirty);

	if (first == SET_NONE)
		return trim(pages, limit);
	while (limit && first != SET_NONE) {
		uint32_t end = first;

		while (end - first < limit && end < pages->top && set_has(&pages->dirty, end))
			end++;
		if (madvise(pages_address(pages, first), (end - first) * PAGE_BYTES, advice))
			return -errno;
		limit -= end - first;
		pages->dirty_count -= end - first;
		for (uint32_t i = first; i < end; i++)
			set_remove(&pages->dirty, i);
		first = set_first(&pages->dirty);
	}
	return first != SET_NONE || trim(pages, limit);
}
