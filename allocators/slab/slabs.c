/*
 * slabs.c - blocks in slabs. See slabs.h.
 */
#include "allocators/slab/slabs.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "allocators/slab/poison.h"

int slabs_init(struct slabs *slabs)
{
	size_t bytes = sizeof(struct slab) * SET_LIMIT;
	int error;

	if (slabs->slabs)
		return 0;
	error = pages_init(&slabs->pages);
	if (error)
		return error;
	for (unsigned int i = 0; i < CLASSES; i++) {
		slabs->classes[i].size = class_size(i);
		slabs->classes[i].order = class_order(i);
		slabs->classes[i].capacity = class_capacity(i);
	}
	slabs->slabs = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (slabs->slabs == MAP_FAILED) {
		slabs->slabs = NULL;
		return -ENOMEM;
	}
	madvise(slabs->slabs, bytes, MADV_NOHUGEPAGE);
	return 0;
}

static void begin_slab(struct slabs *slabs, const struct class *class, uint32_t page)
{
	struct slab *slab = &slabs->slabs[page];

	memset(slab, 0, sizeof(*slab));
	for (unsigned int i = 0; i < class->capacity; i++)
		slab->free[i / 64] |= 1ull << (i % 64);
	slabs->occupied += 1u << class->order;
	if (page >= slabs->described)
		slabs->described = page + 1;
	poison(pages_address(&slabs->pages, page), PAGE_BYTES << class->order);
}

static void *take_from(struct slabs *slabs, struct class *class, uint32_t page, size_t size)
{
	struct slab *slab = &slabs->slabs[page];
	unsigned int word = 0, bit;
	char *block;

	while (!slab->free[word])
		word++;
	bit = (unsigned int)__builtin_ctzll(slab->free[word]);
	slab->free[word] &= slab->free[word] - 1;
	slab->used++;
	if (slab->used == class->capacity)
		set_remove(&class->room, page);
	slabs->used += class->size;
	block = pages_address(&slabs->pages, page) + (word * 64 + bit) * class->size;
	unpoison(block, size);
	return block;
}

/* The first page of a new slab, or PAGES_NONE: no memory. */
static uint32_t new_slab(struct slabs *slabs, struct class *class)
{
	uint32_t page;

	if (set_init(&class->room))
		return PAGES_NONE;
	page = pages_take(&slabs->pages, class->order);
	if (page == PAGES_NONE)
		return PAGES_NONE;
	set_add(&class->room, page);
	begin_slab(slabs, class, page);
	return page;
}

void *slabs_take(struct slabs *slabs, size_t size)
{
	struct class *class = &slabs->classes[class_of(size)];
	uint32_t page = set_first(&class->room);

	if (page == SET_NONE)
		page = new_slab(slabs, class);
	return page == PAGES_NONE ? NULL : take_from(slabs, class, page, size);
}

/* The first page of the block's slab: runs are aligned to their length. */
static uint32_t slab_of(const struct slabs *slabs, const struct class *class, const void *block)
{
	return pages_number(&slabs->pages, block) & ~((1u << class->order) - 1);
}

void slabs_give(struct slabs *slabs, void *block, size_t size)
{
	struct class *class = &slabs->classes[class_of(size)];
	uint32_t page = slab_of(slabs, class, block);
	struct slab *slab = &slabs->slabs[page];
	size_t offset = (size_t)((char *)block - pages_address(&slabs->pages, page));
	unsigned int place = (unsigned int)(offset / class->size);

	poison(block, class->size);
	slab->free[place / 64] |= 1ull << (place % 64);
	slabs->used -= class->size;
	if (--slab->used) {
		set_add(&class->room, page);
		return;
	}
	set_remove(&class->room, page);
	slabs->occupied -= 1u << class->order;
	pages_give(&slabs->pages, page, class->order);
}

/* The lowest slab with room, or a new one where pages are free, if that is below the page. */
static uint32_t find_below(struct slabs *slabs, struct class *class, uint32_t page)
{
	uint32_t lower = set_first(&class->room);

	if (lower < page)
		return lower;
	if (pages_free_below(&slabs->pages, class->order, page))
		return new_slab(slabs, class);
	return PAGES_NONE;
}

void *slabs_move(struct slabs *slabs, void *block, size_t size)
{
	struct class *class = &slabs->classes[class_of(size)];
	uint32_t page = find_below(slabs, class, slab_of(slabs, class, block));
	void *moved;

	if (page == PAGES_NONE)
		return block;
	moved = take_from(slabs, class, page, size);
	memcpy(moved, block, size);
	slabs_give(slabs, block, size);
	return moved;
}

/* Pages that the first so many entries take, begun ones included. */
static size_t pages_of_entries(uint32_t entries)
{
	return (entries * sizeof(struct slab) + PAGE_BYTES - 1) >> PAGE_SHIFT;
}

/* Entries behind the last page in use go, from their end. Returns whether there are more. */
static int forget(struct slabs *slabs, unsigned int limit)
{
	size_t keep = pages_of_entries(slabs->pages.top);
	size_t end = pages_of_entries(slabs->described);
	size_t first = end > keep + limit ? end - limit : keep;

	if (end <= keep)
		return 0;
	madvise((char *)slabs->slabs + (first << PAGE_SHIFT), (end - first) << PAGE_SHIFT,
		MADV_DONTNEED);
	slabs->described = (uint32_t)((first << PAGE_SHIFT) / sizeof(struct slab));
	return first > keep;
}

int slabs_release(struct slabs *slabs, unsigned int limit, int advice)
{
	int result = pages_release(&slabs->pages, limit, advice);

	return result ? result : forget(slabs, limit);
}
