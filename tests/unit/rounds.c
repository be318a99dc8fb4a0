/* rounds.c - several loops release once, together, by the sum of their connections. */
#include "server/rounds.h"

#include <stdlib.h>
#include <string.h>

#include "server/base/clock.h"
#include "server/base/units.h"
#include "tests/unit/unit.h"

static void count_wake(void *argument)
{
	++*(int *)argument;
}

struct three {
	struct release_choice choice;
	struct rounds rounds;
	struct member members[3];
	struct status_slot accounts[3];
	int woken[3];
};

static void begin(struct three *three, const char *policy)
{
	memset(three, 0, sizeof(*three));
	assert_int_equal(release_parse(policy, &three->choice), 0);
	rounds_init(&three->rounds, &three->choice);
	for (int i = 0; i < 3; i++)
		rounds_join(&three->rounds, &three->members[i], count_wake, &three->woken[i]);
}

static uint64_t turn(struct three *three, int loop, uint64_t opened, uint64_t closed)
{
	return rounds_turn(&three->rounds, &three->members[loop], opened, closed,
			   &three->accounts[loop]);
}

static uint64_t releases(const struct three *three)
{
	return three->accounts[0].releases + three->accounts[1].releases +
	       three->accounts[2].releases;
}

static void end(struct three *three)
{
	for (int i = 0; i < 3; i++)
		rounds_leave(&three->rounds, &three->members[i], &three->accounts[i]);
	rounds_free(&three->rounds);
}

static void drop_is_of_the_sum(void **state)
{
	struct three three;

	(void)state;
	begin(&three, "drop=50%");
	for (int i = 0; i < 3; i++)
		assert_true(turn(&three, i, 100, 0) == RELEASE_NEVER);
	/* One loop's connections have all gone, but two thirds of the process's are there. */
	turn(&three, 0, 0, 100);
	assert_int_equal(three.woken[1], 0);
	turn(&three, 1, 0, 51);
	assert_int_equal(three.woken[0] + three.woken[2], 2);
	/* The one that saw it has flushed; the last one of the three releases. */
	assert_int_equal(releases(&three), 0);
	turn(&three, 0, 0, 0);
	assert_int_equal(releases(&three), 0);
	turn(&three, 2, 0, 0);
	assert_int_equal(three.accounts[2].releases, 1);
	for (int i = 0; i < 3; i++)
		assert_true(three.accounts[i].stall_max > 0 && three.accounts[i].stall_cpu_max > 0);
	end(&three);
	assert_int_equal(releases(&three), 1);
}

static void what_closes_meanwhile_is_not_forgotten(void **state)
{
	struct three three;

	(void)state;
	begin(&three, "close");
	for (int i = 0; i < 3; i++)
		turn(&three, i, 100, 0);
	turn(&three, 0, 0, 1);
	turn(&three, 0, 0, 1);
	turn(&three, 1, 0, 0);
	turn(&three, 2, 0, 0);
	assert_int_equal(releases(&three), 1);
	/* The second round began as the first one ended. */
	turn(&three, 0, 0, 0);
	turn(&three, 1, 0, 0);
	turn(&three, 2, 0, 0);
	assert_int_equal(releases(&three), 2);
	end(&three);
}

static void who_leaves_does_its_part(void **state)
{
	struct three three;

	(void)state;
	begin(&three, "close");
	for (int i = 0; i < 3; i++)
		turn(&three, i, 10, 0);
	turn(&three, 1, 0, 5);
	end(&three);
	assert_int_equal(releases(&three), 1);
}

static void native_costs_nothing(void **state)
{
	struct three three;

	(void)state;
	begin(&three, "native");
	assert_true(turn(&three, 0, 100, 0) == RELEASE_NEVER);
	assert_true(turn(&three, 0, 0, 100) == RELEASE_NEVER);
	end(&three);
	assert_int_equal(releases(&three), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drop_is_of_the_sum),
		cmocka_unit_test(what_closes_meanwhile_is_not_forgotten),
		cmocka_unit_test(who_leaves_does_its_part),
		cmocka_unit_test(native_costs_nothing),
	};

	return unit_main(tests);
}
