/* release.c - each policy fires when it says, once, and not before. */
#include "server/release.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/units.h"
#include "tests/unit/unit.h"

#define BEGIN (1000 * NS_PER_S)

static struct release begin(const char *text, struct release_choice *choice)
{
	struct release release;

	assert_int_equal(release_parse(text, choice), 0);
	release_init(&release, choice, BEGIN);
	return release;
}

static uint64_t due(struct release *release, uint64_t now, uint64_t open, uint64_t opened,
		    uint64_t closed)
{
	struct release_traffic traffic = { now, open, opened, closed };

	return release_due(release, &traffic);
}

static void fire(struct release *release, uint64_t now, uint64_t open)
{
	release_begin(release, now, open);
	release_end(release, now);
}

static void native_never_fires(void **state)
{
	struct release_choice choice;
	struct release release = begin("native", &choice);

	(void)state;
	assert_true(due(&release, BEGIN, 100, 100, 0) == RELEASE_NEVER);
	assert_true(due(&release, BEGIN + 3600 * NS_PER_S, 0, 0, 100) == RELEASE_NEVER);
}

static void every_fires_at_its_interval(void **state)
{
	struct release_choice choice;
	struct release release = begin("every=5s", &choice);

	(void)state;
	assert_true(due(&release, BEGIN, 0, 0, 0) == BEGIN + 5 * NS_PER_S);
	/* Traffic neither hastens nor delays it. */
	assert_true(due(&release, BEGIN + NS_PER_S, 10, 10, 0) == BEGIN + 5 * NS_PER_S);
	fire(&release, BEGIN + 5 * NS_PER_S, 0);
	assert_true(due(&release, BEGIN + 5 * NS_PER_S, 0, 0, 0) == BEGIN + 10 * NS_PER_S);
}

static void quiet_fires_once_after_silence(void **state)
{
	struct release_choice choice;
	struct release release = begin("quiet=2s", &choice);
	uint64_t t = BEGIN;

	(void)state;
	assert_true(due(&release, t, 0, 0, 0) == RELEASE_NEVER);
	assert_true(due(&release, t, 10, 10, 0) == t + 2 * NS_PER_S);
	/* A trickle puts it off. */
	t += NS_PER_S;
	assert_true(due(&release, t, 9, 0, 1) == t + 2 * NS_PER_S);
	assert_true(due(&release, t + NS_PER_S, 9, 0, 0) == t + 2 * NS_PER_S);
	fire(&release, t + 2 * NS_PER_S, 9);
	assert_true(due(&release, t + 60 * NS_PER_S, 9, 0, 0) == RELEASE_NEVER);
	assert_true(due(&release, t + 61 * NS_PER_S, 8, 0, 1) == t + 63 * NS_PER_S);
}

static void drop_fires_below_the_share_of_the_recent_peak(void **state)
{
	struct release_choice choice;
	struct release release = begin("drop=50%", &choice);

	(void)state;
	assert_true(due(&release, BEGIN, 100, 100, 0) == RELEASE_NEVER);
	assert_true(due(&release, BEGIN + 1, 50, 0, 50) == RELEASE_NEVER);
	assert_true(due(&release, BEGIN + 2, 49, 0, 1) == BEGIN + 2);
	fire(&release, BEGIN + 2, 49);
	/* The recent peak is now what is live. */
	assert_true(due(&release, BEGIN + 3, 25, 0, 24) == RELEASE_NEVER);
	assert_true(due(&release, BEGIN + 4, 24, 0, 1) == BEGIN + 4);
	fire(&release, BEGIN + 4, 0);
	assert_true(due(&release, BEGIN + 5, 0, 0, 0) == RELEASE_NEVER);
}

static void close_fires_with_each_closing_iteration(void **state)
{
	struct release_choice choice;
	struct release release = begin("close", &choice);

	(void)state;
	assert_true(due(&release, BEGIN, 5, 5, 0) == RELEASE_NEVER);
	assert_true(due(&release, BEGIN + 1, 4, 0, 1) == BEGIN + 1);
	fire(&release, BEGIN + 1, 4);
	assert_true(due(&release, BEGIN + 2, 4, 0, 0) == RELEASE_NEVER);
	assert_true(due(&release, BEGIN + 3, 2, 0, 2) == BEGIN + 3);
}

static void bad_policies_are_refused(void **state)
{
	static const char *const bad[] = { "",	      "naitve",	 "native=1",  "every",
					   "every=",  "every=0", "every=5",   "quiet=-1s",
					   "drop=0%", "drop=50", "drop=101%", "close=1s" };
	struct release_choice choice;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (release_parse(bad[i], &choice) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_never_fires),
		cmocka_unit_test(every_fires_at_its_interval),
		cmocka_unit_test(quiet_fires_once_after_silence),
		cmocka_unit_test(drop_fires_below_the_share_of_the_recent_peak),
		cmocka_unit_test(close_fires_with_each_closing_iteration),
		cmocka_unit_test(bad_policies_are_refused),
	};

	return unit_main(tests);
}
