/* pulse_start.c - moments in everyday words. */
#include "pulse/start.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "tests/unit/unit.h"

#define SECOND UINT64_C(1000000000)

/* 2026-11-21 05:30:00 UTC */
static const struct clock_stamp now = { .monotonic = 1000 * SECOND,
					.realtime = UINT64_C(1795239000) * SECOND };

static int use_utc(void **state)
{
	(void)state;
	setenv("TZ", "UTC0", 1);
	tzset();
	return 0;
}

static void assert_in(const char *text, uint64_t ns)
{
	uint64_t moment = 0;

	assert_int_equal(start_parse(text, &now, &moment), 0);
	assert_int_equal(moment, now.monotonic + ns);
}

static void from_now_on(void **state)
{
	(void)state;
	assert_in("+5s", 5 * SECOND);
	assert_in("+250ms", SECOND / 4);
	assert_in("+0", 0);
}

static void of_the_day(void **state)
{
	(void)state;
	assert_in("05:30:01", SECOND);
	assert_in("23:59:59", (18 * 3600 + 29 * 60 + 59) * SECOND);
	assert_in("05:29:59", (24 * 3600 - 1) * SECOND);
	assert_in("05:30:00", 24 * 3600 * SECOND);
}

static void since_1970(void **state)
{
	(void)state;
	assert_in("1795239002", 2 * SECOND);
	assert_in("1795239000.5", SECOND / 2);
}

static void what_is_none(void **state)
{
	static const char *const texts[] = { "",      "soon", "+",     "+5",	   "25:00:00",
					     "05:30", "5",    "1.2.3", "05:30:00x" };
	uint64_t moment = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_true(start_parse(texts[i], &now, &moment) < 0);
	assert_int_equal(start_parse("1795238999", &now, &moment), -ERANGE);
	assert_int_equal(moment, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(from_now_on, use_utc),
		cmocka_unit_test_setup(of_the_day, use_utc),
		cmocka_unit_test_setup(since_1970, use_utc),
		cmocka_unit_test_setup(what_is_none, use_utc),
	};

	return unit_main(tests);
}
