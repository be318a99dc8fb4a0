/*
 * slabs.c - blocks in slabs. See slabs.h.
 */
#include "allocators/slab/slabs.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "allocators/slab/poison.h"

#define STEP ((size_t)64 << 10) /* bytes of each array, which describe 32 MiB of pages */

static void init_classes(struct slabs *slabs)
{
	for (unsigned int i = 0; i < CLASSES; i++) {
		struct class *class = &slabs->classes[i];

		class->size = class_size(i);
		class->order = class_order(i);
		class->capacity = class_capacity(i);
		class->words = (class->capacity + 63) / 64;
	}
}

int slabs_init(struct slabs *slabs)
{
	int error = pages_init(&slabs->pages);

	for (unsigned int i = 0; i < SLABS_WORDS && !error; i++) {
		error = stretch_init(&slabs->words[i], sizeof(uint64_t) * SET_LIMIT, STEP);
		slabs->free[i] = (uint64_t *)(void *)slabs->words[i].start;
	}
	if (!error)
		init_classes(slabs);
	return error;
}

/* That word of a slab all of whose blocks are free. */
static uint64_t all_free(const struct class *class, unsigned int word)
{
	unsigned int blocks = class->capacity - word * 64;

	return blocks < 64 ? (1ull << blocks) - 1 : UINT64_MAX;
}

static bool is_empty(const struct slabs *slabs, const struct class *class, uint32_t page)
{
	for (unsigned int i = 0; i < class->words; i++)
		if (slabs->free[i][page] != all_free(class, i))
			return false;
	return true;
}

/* The first word of a slab that has a block free, or class->words: it is full. */
static unsigned int find_word(const struct slabs *slabs, const struct class *class, uint32_t page)
{
	unsigned int word = 0;

	while (word < class->words && !slabs->free[word][page])
		word++;
	return word;
}

static void begin_slab(struct slabs *slabs, const struct class *class, uint32_t page)
{
	for (unsigned int i = 0; i < class->words; i++)
		slabs->free[i][page] = all_free(class, i);
	slabs->occupied += 1u << class->order;
	if (page >= slabs->described)
		slabs->described = page + 1;
	poison(pages_address(&slabs->pages, page), PAGE_BYTES << class->order);
}

static void *take_from(struct slabs *slabs, struct class *class, uint32_t page, size_t size)
{
	unsigned int word = find_word(slabs, class, page);
	uint64_t *free = &slabs->free[word][page];
	unsigned int place = word * 64 + (unsigned int)__builtin_ctzll(*free);
	char *block = pages_address(&slabs->pages, page) + place * class->size;

	*free &= *free - 1;
	if (find_word(slabs, class, page) == class->words)
		set_remove(&class->room, page);
	slabs->used += class->size;
	unpoison(block, size);
	return block;
}

/* Makes usable what is to be known of a slab that begins at the page. */
static int reach(struct slabs *slabs, struct class *class, uint32_t page)
{
	int error = set_reach(&class->room, page + 1);

	for (unsigned int i = 0; i < class->words && !error; i++)
		error = stretch_reach(&slabs->words[i], sizeof(uint64_t) * ((size_t)page + 1));
	return error;
}

/* The first page of a new slab, or PAGES_NONE: no memory. */
static uint32_t new_slab(struct slabs *slabs, struct class *class)
{
	uint32_t page = pages_take(&slabs->pages, class->order);

	if (page == PAGES_NONE)
		return PAGES_NONE;
	if (reach(slabs, class, page)) {
		pages_give(&slabs->pages, page, class->order);
		return PAGES_NONE;
	}
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
	size_t offset = (size_t)((char *)block - pages_address(&slabs->pages, page));
	unsigned int place = (unsigned int)(offset / class->size);

	if (size)
		use(block);
	poison(block, class->size);
	slabs->free[place / 64][page] |= 1ull << (place % 64);
	slabs->used -= class->size;
	if (!is_empty(slabs, class, page)) {
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

/* Pages of each array that the first so many words take, begun ones included. */
static size_t pages_of_words(uint32_t words)
{
	return (words * sizeof(uint64_t) + PAGE_BYTES - 1) >> PAGE_SHIFT;
}

/* Words behind the last page in use go, from their end. Returns whether there are more. */
static int forget(struct slabs *slabs, unsigned int limit)
{
	size_t keep = pages_of_words(slabs->pages.top);
	size_t end = pages_of_words(slabs->described);
	size_t step = (limit + SLABS_WORDS - 1) / SLABS_WORDS;
	size_t first = end > keep + step ? end - step : keep;

	if (end <= keep)
		return 0;
	for (unsigned int i = 0; i < SLABS_WORDS; i++)
		madvise((char *)slabs->free[i] + (first << PAGE_SHIFT), (end - first) << PAGE_SHIFT,
			MADV_DONTNEED);
	slabs->described = (uint32_t)((first << PAGE_SHIFT) / sizeof(uint64_t));
	return first > keep;
}

int slabs_release(struct slabs *slabs, unsigned int limit, int advice)
{
	int result = pages_release(&slabs->pages, limit, advice);

	return result ? result : forget(slabs, limit);
}
