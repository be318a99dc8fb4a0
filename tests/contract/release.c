/*
 * release.c - holds one plug-in to what it says of memory: a release leaves live blocks alone,
 * gives back what a burst has left or says why not, and the statistics follow. Linked once with
 * each, and knows none, but for the table of those that may keep memory.
 */
#include "allocators/allocator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Weak: there only in a program that was built with a sanitizer, whose malloc it then runs on. */
void __asan_init(void) __attribute__((weak));
void __tsan_init(void) __attribute__((weak));

static bool sanitized(void)
{
	return __asan_init || __tsan_init;
}

/* Like the server's preset "session". */
static const size_t footprint[] = { 64, 700, 4096, 4096 };
enum {
	CLIENTS = 4000,
	MOST_STEPS = 10000, /* of one release */
	BLOCKS = sizeof(footprint) / sizeof(footprint[0])
};

/* Those that may keep the memory of a burst, and then have to say so. */
static const struct {
	const char *name;
	const char *why;
} may_keep[] = {
	{ "mimalloc", "before 2.1.2 it hands back whole segments, unless decommit_delay was 0" },
	{ "preload", "as the library that is preloaded does" },
};

struct block {
	unsigned char *start;
	size_t size;
	unsigned char mark;
};

static size_t anonymous_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	size_t resident, shared;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %zu %zu", &resident, &shared), 2);
	fclose(file);
	return (resident - shared) * (size_t)sysconf(_SC_PAGESIZE);
}

/* As a server with one loop does it. */
static void release(char why[ALLOCATOR_TEXT])
{
	int result, steps = 0;

	why[0] = '\0';
	if (allocator.flush_thread)
		allocator.flush_thread();
	do
		result = allocator.release_process(why);
	while (result == 1 && ++steps < MOST_STEPS);
	assert_int_equal(result, 0);
}

static bool intact(const struct block *block)
{
	for (size_t i = 0; i < block->size; i++)
		if (block->start[i] != block->mark)
			return false;
	return true;
}

static struct burst {
	struct block blocks[CLIENTS][BLOCKS];
} table;

static struct burst *burst_take(void)
{
	for (int client = 0; client < CLIENTS; client++)
		for (int i = 0; i < BLOCKS; i++) {
			struct block *block = &table.blocks[client][i];

			*block = (struct block){ allocator.take(footprint[i]), footprint[i],
						 (unsigned char)(client + i) };
			assert_non_null(block->start);
			memset(block->start, block->mark, block->size);
		}
	return &table;
}

/* Every nth client stays; 0: none does. Those that go are checked. */
static void burst_give(struct burst *burst, int stay)
{
	for (int client = 0; client < CLIENTS; client++)
		for (int i = 0; i < BLOCKS; i++) {
			struct block *block = &burst->blocks[client][i];

			if (!block->start || (stay && client % stay == 0))
				continue;
			assert_true(intact(block));
			allocator.give(block->start, block->size);
			block->start = NULL;
		}
}

static size_t burst_bytes(void)
{
	size_t bytes = 0;

	for (int i = 0; i < BLOCKS; i++)
		bytes += footprint[i];
	return bytes * CLIENTS;
}

static void a_release_leaves_live_blocks_alone(void **state)
{
	char why[ALLOCATOR_TEXT];
	struct burst *burst = burst_take();

	(void)state;
	release(why);
	burst_give(burst, 3);
	release(why);
	release(why);
	burst_give(burst, 0);
}

static void used_grows_by_what_is_taken(void **state)
{
	struct allocator_stats before, peak, after;
	struct burst *burst;

	(void)state;
	if (!allocator.stats || allocator.stats(&before) || before.used == ALLOCATOR_ABSENT)
		return; /* it keeps no such count, and says so */
	burst = burst_take();
	assert_int_equal(allocator.stats(&peak), 0);
	burst_give(burst, 0);
	assert_int_equal(allocator.stats(&after), 0);
	assert_true(peak.used >= before.used + burst_bytes());
	assert_true(peak.used < before.used + 4 * burst_bytes());
	assert_true(after.used < before.used + burst_bytes() / 4);
}

/* Takes and gives a burst of which every nth client stays; says which share of it was released. */
static double share_released(size_t base, int stay, char why[ALLOCATOR_TEXT])
{
	struct burst *burst = burst_take();
	size_t peak = anonymous_bytes();
	size_t floor;

	burst_give(burst, stay);
	release(why);
	floor = anonymous_bytes();
	burst_give(burst, 0);
	print_message("# base %zu K, peak %zu K, floor %zu K\n", base >> 10, peak >> 10,
		      floor >> 10);
	if (why[0])
		print_message("# %s\n", why);
	return ((double)peak - (double)floor) / ((double)peak - (double)base);
}

/* As a server walks its connections: every block is offered, and its pointer corrected. */
static void offer_to_move(struct burst *burst)
{
	for (int client = 0; client < CLIENTS; client++)
		for (int i = 0; i < BLOCKS; i++) {
			struct block *block = &burst->blocks[client][i];

			if (block->start)
				block->start = allocator.move(block->start, block->size);
		}
}

/* Survivors that stand together hold little more than themselves. */
static void moved_survivors_hold_their_own_size(void **state)
{
	enum {
		STAY = 100
	};
	size_t *base = *state;
	size_t live = burst_bytes() / STAY;
	char why[ALLOCATOR_TEXT];
	struct burst *burst;
	size_t floor;

	if (!allocator.move)
		return; /* it moves nothing, and says so */
	burst = burst_take();
	burst_give(burst, STAY);
	offer_to_move(burst);
	release(why);
	floor = anonymous_bytes();
	burst_give(burst, 0);
	print_message("# base %zu K, live %zu K, floor %zu K\n", *base >> 10, live >> 10,
		      floor >> 10);
	assert_true(floor < *base + live + live / 2 || sanitized());
}

/* Also as somebody's own build, "name@label". A sanitizer keeps what was freed in quarantine. */
static bool is_excused(const char why[ALLOCATOR_TEXT])
{
	size_t length = strcspn(allocator.name, "@");

	for (size_t i = 0; i < sizeof(may_keep) / sizeof(may_keep[0]); i++) {
		if (strlen(may_keep[i].name) != length ||
		    memcmp(may_keep[i].name, allocator.name, length))
			continue;
		print_message("# %s: %s\n", allocator.name, may_keep[i].why);
		return !strncmp(why, "released ", 9);
	}
	return sanitized();
}

static void what_is_all_given_back_is_released(void **state)
{
	size_t *base = *state;
	char why[ALLOCATOR_TEXT];

	assert_true(share_released(*base, 0, why) > 0.75 || is_excused(why));
}

static void survivors_do_not_hold_it_unexplained(void **state)
{
	size_t *base = *state;
	char why[ALLOCATOR_TEXT];

	assert_true(share_released(*base, 100, why) > 0.5 || is_excused(why));
}

/* The base is what the process holds before its first burst, with the table of blocks touched. */
static int measure_base(void **state)
{
	static size_t base;

	memset(&table, 1, sizeof(table));
	memset(&table, 0, sizeof(table));
	base = anonymous_bytes();
	*state = &base;
	return allocator.start_process ? allocator.start_process() : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_all_given_back_is_released),
		cmocka_unit_test(survivors_do_not_hold_it_unexplained),
		cmocka_unit_test(moved_survivors_hold_their_own_size),
		cmocka_unit_test(a_release_leaves_live_blocks_alone),
		cmocka_unit_test(used_grows_by_what_is_taken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("release", tests, measure_base, NULL);
}
