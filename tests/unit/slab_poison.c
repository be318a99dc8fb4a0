/*
 * slab_poison.c - with the address sanitizer, blocks of our own allocator that nobody has are
 * caught like those of malloc; without it, nothing is.
 */
#include "allocators/slab/poison.h"
#include "allocators/slab/slabs.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* Whether a child that reads the byte is stopped. */
static bool is_caught(const volatile unsigned char *byte)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		close(STDERR_FILENO); /* the sanitizer's pages about it */
		_exit(*byte & 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status != 0;
}

static void the_address_sanitizer_catches_a_use_after_give(void **state)
{
	struct slabs *slabs = calloc(1, sizeof(*slabs));
	unsigned char *block;

	(void)state;
	assert_int_equal(slabs_init(slabs), 0);
	block = slabs_take(slabs, 100);
	block[99] = 1;
	assert_false(is_caught(&block[99]));
	slabs_give(slabs, block, 100);
	assert_int_equal(is_caught(&block[99]), POISONS);
	free(slabs);
}

/* Unnoticed, the block would soon be in two hands. */
static void the_address_sanitizer_catches_a_second_give(void **state)
{
	struct slabs *slabs = calloc(1, sizeof(*slabs));
	int status = 0;
	void *block;
	pid_t child;

	(void)state;
	assert_int_equal(slabs_init(slabs), 0);
	assert_non_null(slabs_take(slabs, 100));
	block = slabs_take(slabs, 100);
	slabs_give(slabs, block, 100);
	child = fork();
	if (!child) {
		close(STDERR_FILENO);
		slabs_give(slabs, block, 100);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status != 0, POISONS);
	free(slabs);
}

/* Where a block stood before it was moved, and behind its end, where the next one begins. */
static void the_address_sanitizer_knows_where_a_block_went(void **state)
{
	struct slabs *slabs = calloc(1, sizeof(*slabs));
	unsigned char *low, *high, *moved;

	(void)state;
	assert_int_equal(slabs_init(slabs), 0);
	low = slabs_take(slabs, PAGE_BYTES - 100);
	high = slabs_take(slabs, PAGE_BYTES - 100);
	slabs_give(slabs, low, PAGE_BYTES - 100);
	moved = slabs_move(slabs, high, PAGE_BYTES - 100);
	assert_ptr_equal(moved, low);
	assert_false(is_caught(&moved[PAGE_BYTES - 101]));
	assert_int_equal(is_caught(&moved[PAGE_BYTES - 50]), POISONS);
	assert_int_equal(is_caught(high), POISONS);
	free(slabs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_address_sanitizer_catches_a_use_after_give),
		cmocka_unit_test(the_address_sanitizer_catches_a_second_give),
		cmocka_unit_test(the_address_sanitizer_knows_where_a_block_went),
	};

	return unit_main(tests);
}
