/* pulse_pace.c - the plan of an open loop, with a clock of the test's own. */
#include "pulse/pace.h"

#include "tests/unit/unit.h"

#define SECOND UINT64_C(1000000000)
#define START  (123 * SECOND)

static struct pace pace_of(uint64_t rate, uint64_t turns, uint64_t loops, uint64_t index)
{
	return (struct pace){ .start = START,
			      .end = START + 10 * SECOND,
			      .rate = rate,
			      .turns = turns,
			      .loops = loops,
			      .index = index };
}

static void operations_are_planned_evenly(void **state)
{
	struct pace pace = pace_of(1000, 10, 1, 0);

	(void)state;
	assert_int_equal(pace_planned(&pace, 0), START);
	assert_int_equal(pace_planned(&pace, 1), START + 1000000);
	assert_int_equal(pace_planned(&pace, 9999), START + 9999 * UINT64_C(1000000));
}

/* A period that is no whole number of ns must not drift. */
static void rounding_does_not_add_up(void **state)
{
	struct pace pace = pace_of(300000, 7, 1, 0);

	(void)state;
	pace.end = START + 4000000 * SECOND;
	assert_int_equal(pace_planned(&pace, 300000), START + SECOND);
	assert_int_equal(pace_planned(&pace, UINT64_C(300000) * 1000000), START + 1000000 * SECOND);
}

/* "Before that moment" and "planned at" agree for every operation, whatever the rounding. */
static void counting_agrees_with_planning(void **state)
{
	static const uint64_t rates[] = { 1, 3, 7, 1000, 333333, 999999937 };

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		for (uint64_t loops = 1; loops <= 3; loops++) {
			struct pace pace = pace_of(rates[i], 4, loops, loops - 1);

			for (uint64_t n = 0; n < 8 && pace_planned(&pace, n) + 1 < pace.end; n++) {
				assert_int_equal(pace_until(&pace, pace_planned(&pace, n) + 1),
						 n + 1);
				assert_in_range(pace_until(&pace, pace_planned(&pace, n)), 0, n);
			}
		}
	}
}

static void nothing_before_the_start_or_behind_the_end(void **state)
{
	struct pace pace = pace_of(1000, 4, 1, 0);

	(void)state;
	assert_int_equal(pace_until(&pace, 0), 0);
	assert_int_equal(pace_until(&pace, START), 0);
	assert_int_equal(pace_until(&pace, START + 1), 1);
	assert_int_equal(pace_until(&pace, START + 10 * SECOND), 10000);
	assert_int_equal(pace_until(&pace, START + 99 * SECOND), 10000);
}

/* Loops deal the operations like cards: together they plan what one would plan. */
static void loops_share_the_plan(void **state)
{
	struct pace whole = pace_of(1000, 1, 1, 0);
	uint64_t sum = 0;

	(void)state;
	for (uint64_t index = 0; index < 3; index++) {
		struct pace part = pace_of(1000, 1, 3, index);

		sum += pace_until(&part, part.end);
		for (uint64_t n = 0; n < 100; n++)
			assert_int_equal(pace_planned(&part, n),
					 pace_planned(&whole, 3 * n + index));
	}
	assert_int_equal(sum, pace_until(&whole, whole.end));
}

/* A connection that is stuck at an operation still owes that one and each turn's behind it. */
static void what_is_left_is_counted(void **state)
{
	struct pace pace = pace_of(10, 4, 1, 0); /* 100 operations */

	(void)state;
	assert_int_equal(pace_left(&pace, 0), 25);
	assert_int_equal(pace_left(&pace, 3), 25);
	assert_int_equal(pace_left(&pace, 96), 1);
	assert_int_equal(pace_left(&pace, 99), 1);
	assert_int_equal(pace_left(&pace, 100), 0);
	assert_int_equal(pace_left(&pace, 1000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_are_planned_evenly),
		cmocka_unit_test(rounding_does_not_add_up),
		cmocka_unit_test(counting_agrees_with_planning),
		cmocka_unit_test(nothing_before_the_start_or_behind_the_end),
		cmocka_unit_test(loops_share_the_plan),
		cmocka_unit_test(what_is_left_is_counted),
	};

	return unit_main(tests);
}
