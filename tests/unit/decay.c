/* decay.c - which delays count for the window rule. */
#include "analysis/decay.h"

#include "server/base/units.h"
#include "tests/unit/unit.h"

static uint64_t longest(const char *allocator, const char *first, const char *second)
{
	json_t *tune = json_pack("[s*, s*]", first, second);
	uint64_t decay = decay_longest(allocator, tune);

	json_decref(tune);
	return decay;
}

static void defaults_are_those_of_the_sources(void **state)
{
	(void)state;
	assert_int_equal(longest("jemalloc", NULL, NULL), 10 * NS_PER_S);
	assert_int_equal(longest("mimalloc", NULL, NULL), 500 * NS_PER_MS);
	assert_int_equal(longest("glibc", NULL, NULL), 0);
	assert_int_equal(longest("jemallocx", NULL, NULL), 0);
	assert_int_equal(decay_longest("jemalloc", NULL), 10 * NS_PER_S);
}

static void labelled_builds_are_the_same_allocator(void **state)
{
	(void)state;
	assert_int_equal(longest("jemalloc@dev", NULL, NULL), 10 * NS_PER_S);
}

static void tunes_count(void **state)
{
	(void)state;
	assert_int_equal(longest("jemalloc", "dirty_decay_ms=1000 (in effect: 1000)", NULL),
			 NS_PER_S);
	assert_int_equal(longest("jemalloc", "dirty_decay_ms=1000", "muzzy_decay_ms=4000"),
			 4 * NS_PER_S);
	assert_int_equal(longest("jemalloc", "dirty_decay_ms_other=1", NULL), 10 * NS_PER_S);
	/* -1: never, which no window can be too short for. */
	assert_int_equal(longest("jemalloc", "dirty_decay_ms=-1", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_sources),
		cmocka_unit_test(labelled_builds_are_the_same_allocator),
		cmocka_unit_test(tunes_count),
	};

	return unit_main(tests);
}
