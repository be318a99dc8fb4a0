/*
 * slab.c - what stands below our own allocator: sets against a plain array, runs of pages, classes,
 * and blocks that move together. The plug-in as a whole is held to its interface by tests/contract.
 */
#include "allocators/slab/slabs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum {
	SET_STEPS = 20000,
	RUNS = 500,
	RUN_STEPS = 20000,
	BLOCKS = 4000
};

/* xorshift64* (Vigna 2016) */
static uint64_t draw(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull >> 11;
}

static uint32_t lowest(const bool *members, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (members[i])
			return i;
	return SET_NONE;
}

static void a_set_agrees_with_an_array(void **state)
{
	enum {
		COUNT = 9000 /* more than two levels */
	};
	static bool members[COUNT];
	struct set set = { 0 };
	uint64_t seed = 1;

	(void)state;
	assert_int_equal(set_first(&set), SET_NONE);
	assert_int_equal(set_reach(&set, COUNT), 0);
	for (int step = 0; step < SET_STEPS; step++) {
		uint32_t member = (uint32_t)(draw(&seed) % COUNT);
		bool add = draw(&seed) % (step < SET_STEPS / 2 ? 3 : 8) == 0;

		if (add)
			set_add(&set, member);
		else
			set_remove(&set, member);
		members[member] = add;
		assert_int_equal(set_has(&set, member), add);
		if (step % 16 == 0)
			assert_int_equal(set_first(&set), lowest(members, COUNT));
	}
}

static void a_set_reaches_its_limit(void **state)
{
	struct set set = { 0 };

	(void)state;
	assert_int_equal(set_reach(&set, SET_LIMIT), 0);
	set_add(&set, SET_LIMIT - 1);
	assert_int_equal(set_first(&set), SET_LIMIT - 1);
	set_add(&set, SET_LIMIT / 2);
	assert_int_equal(set_first(&set), SET_LIMIT / 2);
	set_remove(&set, SET_LIMIT / 2);
	set_remove(&set, SET_LIMIT / 2);
	assert_int_equal(set_first(&set), SET_LIMIT - 1);
}

static void classes_hold_their_sizes(void **state)
{
	(void)state;
	for (size_t size = 1; size <= CLASSES_LARGEST; size++) {
		unsigned int class = class_of(size);

		assert_true(class < CLASSES);
		assert_true(class_size(class) >= size);
		assert_true(class == 0 || class_size(class - 1) < size);
		assert_int_equal(class_size(class) % 16, 0);
		assert_true(class_size(class) - size < 16 || class_size(class) * 8 < size * 9);
	}
	for (unsigned int class = 0; class < CLASSES; class ++) {
		size_t bytes = PAGE_BYTES << class_order(class);
		size_t used = class_capacity(class) * class_size(class);

		assert_true(class_capacity(class) <= CLASSES_BLOCKS);
		assert_true(used <= bytes);
		assert_true(class_order(class) == PAGES_ORDERS - 1 || bytes - used <= bytes / 16);
		assert_true((bytes - used) * 100 < bytes * 44);
	}
}

struct run {
	uint32_t page;
	unsigned int order;
	bool taken;
};

static void mark(unsigned char *pages, const struct run *run, int by)
{
	for (uint32_t i = run->page; i < run->page + (1u << run->order); i++) {
		pages[i] = (unsigned char)(pages[i] + by);
		assert_true(pages[i] <= 1);
	}
}

static void runs_never_overlap(void **state)
{
	static unsigned char taken[RUNS * 16];
	struct run runs[RUNS] = { 0 };
	struct pages pages = { 0 };
	uint64_t seed = 2;

	(void)state;
	assert_int_equal(pages_init(&pages), 0);
	for (int step = 0; step < RUN_STEPS; step++) {
		struct run *run = &runs[draw(&seed) % RUNS];

		if (run->taken) {
			mark(taken, run, -1);
			pages_give(&pages, run->page, run->order);
		} else {
			run->order = (unsigned int)(draw(&seed) % PAGES_ORDERS);
			run->page = pages_take(&pages, run->order);
			assert_int_equal(run->page % (1u << run->order), 0);
			assert_true(run->page + 8 < sizeof(taken));
			mark(taken, run, 1);
			pages_address(&pages, run->page)[(PAGE_BYTES << run->order) - 1] = 1;
		}
		run->taken = !run->taken;
	}
	for (int i = 0; i < RUNS; i++)
		if (runs[i].taken)
			pages_give(&pages, runs[i].page, runs[i].order);
	while (pages_release(&pages, 64, MADV_DONTNEED) == 1)
		;
	assert_int_equal(pages.dirty_count, 0);
	assert_int_equal(pages.top, 0); /* all runs have joined again */
}

static void released_pages_are_counted(void **state)
{
	struct pages pages = { 0 };

	(void)state;
	assert_int_equal(pages_init(&pages), 0);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(pages_take(&pages, 0), i);
	for (uint32_t i = 0; i < 60; i++)
		pages_give(&pages, i, 0);
	assert_int_equal(pages.dirty_count, 60);
	assert_int_equal(pages_release(&pages, 32, MADV_DONTNEED), 1);
	assert_int_equal(pages.dirty_count, 28);
	assert_int_equal(pages_take(&pages, 0), 0); /* lowest first, resident or not */
	assert_int_equal(pages.dirty_count, 28);
	assert_int_equal(pages_release(&pages, 32, MADV_DONTNEED), 0);
	assert_int_equal(pages.dirty_count, 0);
	assert_int_equal(pages.top, 64);
}

/* Each takes a call of madvise, and others wait for all calls of a step. */
static void scattered_pages_make_shorter_steps(void **state)
{
	struct pages pages = { 0 };

	(void)state;
	assert_int_equal(pages_init(&pages), 0);
	for (uint32_t i = 0; i < 64; i++)
		assert_int_equal(pages_take(&pages, 0), i);
	for (uint32_t i = 0; i < 64; i += 2)
		pages_give(&pages, i, 0);
	assert_int_equal(pages_release(&pages, 16, MADV_DONTNEED), 1);
	assert_true(pages.dirty_count < 32);
	assert_true(pages.dirty_count >= 30);
	while (pages_release(&pages, 16, MADV_DONTNEED) == 1)
		;
	assert_int_equal(pages.dirty_count, 0);
}

struct block {
	unsigned char *start;
	size_t size;
	unsigned char mark;
};

static void take_blocks(struct slabs *slabs, struct block *blocks, uint64_t *seed)
{
	for (int i = 0; i < BLOCKS; i++) {
		blocks[i].size = 1 + draw(seed) % ((size_t)16 << draw(seed) % 11);
		blocks[i].mark = (unsigned char)i;
		blocks[i].start = slabs_take(slabs, blocks[i].size);
		assert_non_null(blocks[i].start);
		memset(blocks[i].start, blocks[i].mark, blocks[i].size);
	}
}

static void give_block(struct slabs *slabs, struct block *block)
{
	for (size_t i = 0; i < block->size; i++)
		assert_int_equal(block->start[i], block->mark);
	slabs_give(slabs, block->start, block->size);
	block->start = NULL;
}

/* Pages that the blocks need when each class stands in as few slabs as can be. */
static uint64_t fewest_pages(const struct block *blocks)
{
	unsigned int counts[CLASSES] = { 0 };
	uint64_t pages = 0;

	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].start)
			counts[class_of(blocks[i].size)]++;
	for (unsigned int i = 0; i < CLASSES; i++)
		pages += (uint64_t)((counts[i] + class_capacity(i) - 1) / class_capacity(i))
			 << class_order(i);
	return pages;
}

/* Of a block in 20, scattered: after one walk no slab could be done without. */
static void one_walk_packs_the_survivors(void **state)
{
	struct block *blocks = calloc(BLOCKS, sizeof(*blocks));
	struct slabs *slabs = calloc(1, sizeof(*slabs));
	uint64_t seed = 3, fewest;

	(void)state;
	assert_int_equal(slabs_init(slabs), 0);
	take_blocks(slabs, blocks, &seed);
	for (int i = 0; i < BLOCKS; i++)
		if (i % 20)
			give_block(slabs, &blocks[i]);
	fewest = fewest_pages(blocks);
	assert_true(slabs->occupied > fewest);
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].start)
			blocks[i].start = slabs_move(slabs, blocks[i].start, blocks[i].size);
	assert_int_equal(slabs->occupied, fewest);
	while (slabs_release(slabs, 64, MADV_DONTNEED) == 1)
		;
	/* Runs are aligned, so there may be holes between them, but no more than there are runs. */
	assert_true(slabs->pages.top < 2 * fewest);
	for (int i = 0; i < BLOCKS; i++)
		if (blocks[i].start)
			give_block(slabs, &blocks[i]);
	assert_int_equal(slabs->occupied, 0);
	assert_int_equal(slabs->used, 0);
	free(blocks);
	free(slabs);
}

/* Pages of the description that are resident. */
static size_t describing(const struct slabs *slabs)
{
	size_t bytes = sizeof(uint64_t) * SET_LIMIT, count = 0;
	unsigned char *resident = malloc(bytes / PAGE_BYTES);

	assert_non_null(resident);
	for (int word = 0; word < SLABS_WORDS; word++) {
		assert_int_equal(mincore(slabs->free[word], bytes, resident), 0);
		for (size_t i = 0; i < bytes / PAGE_BYTES; i++)
			count += resident[i] & 1;
	}
	free(resident);
	return count;
}

/* Scattered survivors hold what describes everything below them. */
static void a_page_is_described_by_8_bytes(void **state)
{
	struct slabs *slabs = calloc(1, sizeof(*slabs));

	(void)state;
	assert_int_equal(slabs_init(slabs), 0);
	for (int i = 0; i < BLOCKS; i++)
		assert_non_null(slabs_take(slabs, PAGE_BYTES));
	slabs_take(slabs, PAGE_BYTES / 64);
	assert_int_equal(describing(slabs), BLOCKS * sizeof(uint64_t) / PAGE_BYTES + 1);
	slabs_take(slabs, 16); /* 256 of them stand in a slab */
	assert_int_equal(describing(slabs), BLOCKS * sizeof(uint64_t) / PAGE_BYTES + SLABS_WORDS);
	free(slabs);
}

/* Bytes that this process may write to and nobody else sees: its data of proc_pid_statm(5). */
static size_t writable(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	size_t pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %*u %*u %*u %*u %zu", &pages), 1);
	fclose(file);
	return pages * PAGE_BYTES;
}

/* All of it is charged to the machine's limit where vm.overcommit_memory is 2. */
static void little_is_committed(void **state)
{
	struct slabs *slabs = calloc(1, sizeof(*slabs));
	size_t before = writable();

	(void)state;
	assert_int_equal(slabs_init(slabs), 0);
	assert_true(writable() - before < (1 << 20));
	for (unsigned int class = 0; class < CLASSES; class ++)
		assert_non_null(slabs_take(slabs, class_size(class)));
	assert_true(writable() - before < (16 << 20));
	free(slabs);
}

/* Each step is a small one, also those in which nothing is left but what described the pages. */
static void a_release_comes_in_steps(void **state)
{
	enum {
		LIMIT = 16
	};
	struct slabs *slabs = calloc(1, sizeof(*slabs));
	void *blocks[BLOCKS];
	struct slabs before;
	int result;

	(void)state;
	assert_int_equal(slabs_init(slabs), 0);
	for (int i = 0; i < BLOCKS; i++)
		blocks[i] = slabs_take(slabs, PAGE_BYTES);
	assert_int_equal(slabs->described, BLOCKS);
	for (int i = 0; i < BLOCKS; i++)
		slabs_give(slabs, blocks[i], PAGE_BYTES);
	do {
		before = *slabs;
		result = slabs_release(slabs, LIMIT, MADV_DONTNEED);
		assert_true(before.pages.dirty_count - slabs->pages.dirty_count <= LIMIT);
		assert_true(before.pages.top - slabs->pages.top <= LIMIT);
		assert_true((before.described - slabs->described) * SLABS_WORDS *
				    sizeof(uint64_t) <=
			    (LIMIT + SLABS_WORDS) * PAGE_BYTES);
	} while (result == 1);
	assert_int_equal(result, 0);
	assert_int_equal(slabs->pages.dirty_count, 0);
	assert_int_equal(slabs->pages.top, 0);
	assert_int_equal(slabs->described, 0);
	free(slabs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_agrees_with_an_array),
		cmocka_unit_test(a_set_reaches_its_limit),
		cmocka_unit_test(classes_hold_their_sizes),
		cmocka_unit_test(runs_never_overlap),
		cmocka_unit_test(released_pages_are_counted),
		cmocka_unit_test(scattered_pages_make_shorter_steps),
		cmocka_unit_test(one_walk_packs_the_survivors),
		cmocka_unit_test(a_page_is_described_by_8_bytes),
		cmocka_unit_test(little_is_committed),
		cmocka_unit_test(a_release_comes_in_steps),
	};

	return unit_main(tests);
}
