/* survivors.c - exactly so many stay, those that were asked for, and the seed repeats them. */
#include "pulse/survivors.h"

#include <string.h>

#include "tests/unit/unit.h"

#define OPEN 1000

/* Which of OPEN connections stay; returns how many. */
static unsigned int choose(struct survivors *survivors, uint64_t wanted, char stays[OPEN])
{
	unsigned int count = 0;

	survivors_begin(survivors, wanted, OPEN);
	for (int i = 0; i < OPEN; i++)
		count += (unsigned int)(stays[i] = survivors_next(survivors));
	return count;
}

static void count_is_exact(void **state)
{
	static const uint64_t counts[] = { 0, 1, 10, 500, 999, OPEN };
	struct survivors survivors;
	char stays[OPEN];

	(void)state;
	for (int order = SURVIVORS_SCATTERED; order <= SURVIVORS_NEWEST; order++) {
		survivors_seed(&survivors, (enum survivor_order)order, 7);
		for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
			assert_int_equal(choose(&survivors, counts[i], stays), counts[i]);
	}
}

static void all_stay_when_fewer_are_open(void **state)
{
	struct survivors survivors;
	char stays[OPEN];

	(void)state;
	for (int order = SURVIVORS_SCATTERED; order <= SURVIVORS_NEWEST; order++) {
		survivors_seed(&survivors, (enum survivor_order)order, 7);
		assert_int_equal(choose(&survivors, OPEN + 1, stays), OPEN);
	}
}

static void oldest_are_the_first(void **state)
{
	struct survivors survivors;
	char stays[OPEN];

	(void)state;
	survivors_seed(&survivors, SURVIVORS_OLDEST, 7);
	choose(&survivors, 10, stays);
	for (int i = 0; i < OPEN; i++)
		assert_int_equal(stays[i], i < 10);
}

static void newest_are_the_last(void **state)
{
	struct survivors survivors;
	char stays[OPEN];

	(void)state;
	survivors_seed(&survivors, SURVIVORS_NEWEST, 7);
	choose(&survivors, 10, stays);
	for (int i = 0; i < OPEN; i++)
		assert_int_equal(stays[i], i >= OPEN - 10);
}

static void seed_repeats_and_bursts_differ(void **state)
{
	char first[OPEN], second[OPEN], again[OPEN], other[OPEN];
	struct survivors survivors;

	(void)state;
	survivors_seed(&survivors, SURVIVORS_SCATTERED, 7);
	choose(&survivors, 10, first);
	choose(&survivors, 10, second);
	survivors_seed(&survivors, SURVIVORS_SCATTERED, 7);
	choose(&survivors, 10, again);
	survivors_seed(&survivors, SURVIVORS_SCATTERED, 8);
	choose(&survivors, 10, other);
	assert_memory_equal(first, again, OPEN);
	assert_memory_not_equal(first, second, OPEN);
	assert_memory_not_equal(first, other, OPEN);
}

/*
 * 2000 choices of 100 in 1000 put 20000 survivors into each tenth, with a standard deviation of
 * about 127: 700 off would be five of them.
 */
static void scattered_is_uniform(void **state)
{
	unsigned int tenths[10] = { 0 };
	struct survivors survivors;
	char stays[OPEN];

	(void)state;
	survivors_seed(&survivors, SURVIVORS_SCATTERED, 7);
	for (int round = 0; round < 2000; round++) {
		choose(&survivors, 100, stays);
		for (int i = 0; i < OPEN; i++)
			tenths[i / (OPEN / 10)] += (unsigned int)stays[i];
	}
	for (int i = 0; i < 10; i++)
		assert_in_range(tenths[i], 20000 - 700, 20000 + 700);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(count_is_exact),
		cmocka_unit_test(all_stay_when_fewer_are_open),
		cmocka_unit_test(oldest_are_the_first),
		cmocka_unit_test(newest_are_the_last),
		cmocka_unit_test(seed_repeats_and_bursts_differ),
		cmocka_unit_test(scattered_is_uniform),
	};

	return unit_main(tests);
}
