/*
 * pages.c - runs of pages: a buddy system (Knowlton 1965) whose free lists are sets. See pages.h.
 */
#include "allocators/slab/pages.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <unistd.h>

#define LARGEST (1u << (PAGES_ORDERS - 1)) /* pages of the largest run */
#define CALL	8u		  /* pages: what a call of madvise takes beside each of its pages */
#define STEP	((size_t)4 << 20) /* bytes of address space that are made usable at a time */

int pages_init(struct pages *pages)
{
	if (sysconf(_SC_PAGESIZE) != PAGE_BYTES)
		return -ENOTSUP;
	return stretch_init(&pages->stretch, (size_t)SET_LIMIT << PAGE_SHIFT, STEP);
}

/* Has the stretch and the sets reach the top plus a run of the largest order. */
static int reach(struct pages *pages)
{
	uint32_t top = pages->top + LARGEST;
	int error = stretch_reach(&pages->stretch, (size_t)top << PAGE_SHIFT);

	for (unsigned int i = 0; i < PAGES_ORDERS && !error; i++)
		error = set_reach(&pages->free[i], top);
	return error ? error : set_reach(&pages->dirty, top);
}

/* Adds a run of the largest order behind the last one. */
static int grow(struct pages *pages)
{
	if (pages->top == SET_LIMIT || reach(pages))
		return -ENOMEM;
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
		limit -= MIN(limit, end - first + CALL);
		pages->dirty_count -= end - first;
		for (uint32_t i = first; i < end; i++)
			set_remove(&pages->dirty, i);
		first = set_first(&pages->dirty);
	}
	return first != SET_NONE || trim(pages, limit);
}
