/*
 * million_warm.c - what is held warm does not stand in the way of the connections.
 */
#include "analysis/million_warm.h"
#include "analysis/million_memory.h"
#include "server/base/clock.h"
#include "server/base/units.h"
#include "tests/unit/unit.h"

#define MIB (UINT64_C(1) << 20)

/* Touches 2 GiB, but leaves that floor. */
static void take(struct million_warm *warm, uint64_t floor)
{
	struct million_signals signals = { .fd = -1 };
	struct million million = { .options.memory_floor = floor, .signals = &signals };

	assert_int_equal(million_warm_take(warm, &million, 2048 * MIB, clock_now() + 20 * NS_PER_S),
			 0);
}

/* Otherwise pulse's guard would fire while there is memory that can be given back. */
static void short_of_memory_some_is_given_back_before_any_is_taken(void **state)
{
	struct million_warm warm;
	uint64_t held;

	(void)state;
	take(&warm, million_memory_available() - 200 * MIB);
	held = warm.held;
	million_warm_give(&warm, 0);
	/* Others may have taken the 200 MiB meanwhile. */
	assert_true(!held || warm.held < held);
	million_warm_free(&warm);
}

static void without_memory_nothing_is_held(void **state)
{
	struct million_warm warm;

	(void)state;
	take(&warm, UINT64_MAX / 2);
	assert_int_equal(warm.held, 0);
	million_warm_free(&warm);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_of_memory_some_is_given_back_before_any_is_taken),
		cmocka_unit_test(without_memory_nothing_is_held),
	};

	return unit_main(tests);
}
