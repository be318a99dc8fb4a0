/* rounds.c - several loops release once, together, by the sum of their connections. */
#include "server/rounds.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/units.h"
#include "server/memory.h"
#include "tests/unit/unit.h"

#define HELD (64u << 20)

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
	int statm;
};

static void begin(struct three *three, const char *policy)
{
	memset(three, 0, sizeof(*three));
	assert_int_equal(release_parse(policy, &three->choice), 0);
	three->statm = memory_open();
	rounds_init(&three->rounds, &three->choice, three->statm);
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
	if (three->statm >= 0)
		close(three->statm);
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

static void limit_files(rlim_t soft)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = soft;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* In a round before which, or within which, files run out. Returns what it is said to release. */
static uint64_t release_without_files(bool within)
{
	struct rlimit limit;
	struct three three;
	char *memory = mmap(NULL, HELD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(memory != MAP_FAILED);
	memset(memory, 1, HELD);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	begin(&three, "close");
	for (int i = 0; i < 3; i++)
		turn(&three, i, 10, 0);
	if (!within)
		limit_files(0);
	turn(&three, 0, 0, 1);
	limit_files(0);
	if (!within)
		munmap(memory, HELD);
	turn(&three, 1, 0, 0);
	turn(&three, 2, 0, 0);
	limit_files(limit.rlim_cur);
	if (within)
		munmap(memory, HELD);
	assert_int_equal(releases(&three), 1);
	end(&three);
	return three.accounts[2].released_bytes;
}

static void what_was_released_is_known_without_files(void **state)
{
	(void)state;
	assert_in_range(release_without_files(false), HELD / 2, 8 * HELD);
	assert_in_range(release_without_files(true), 0, HELD / 2);
}

/* Nothing, not all. */
static void what_is_not_known_was_not_released(void **state)
{
	(void)state;
	assert_true(memory_anonymous(-1) == MEMORY_UNKNOWN);
	assert_int_equal(memory_fell(MEMORY_UNKNOWN, 4096), 0);
	assert_int_equal(memory_fell(4096, MEMORY_UNKNOWN), 0);
	assert_int_equal(memory_fell(4096, 8192), 0);
	assert_int_equal(memory_fell(8192, 4096), 4096);
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
		cmocka_unit_test(what_was_released_is_known_without_files),
		cmocka_unit_test(what_is_not_known_was_not_released),
		cmocka_unit_test(native_costs_nothing),
	};

	return unit_main(tests);
}
