/* units.c - quantities are read as people mean them, and nothing else is read at all. */
#include "server/base/units.h"

#include <errno.h>

#include "tests/unit/unit.h"

static void sizes(void **state)
{
	uint64_t bytes = 0;

	(void)state;
	assert_int_equal(parse_size("64", &bytes), 0);
	assert_int_equal(bytes, 64);
	assert_int_equal(parse_size("4K", &bytes), 0);
	assert_int_equal(bytes, 4096);
	assert_int_equal(parse_size("1.5MiB", &bytes), 0);
	assert_int_equal(bytes, 1536 * 1024);
	assert_int_equal(parse_size("8388607T", &bytes), 0);
	assert_int_equal(bytes, 8388607ull << 40);
	assert_int_equal(parse_size("8388608T", &bytes), -ERANGE);
}

static void bad_sizes_change_nothing(void **state)
{
	static const char *const bad[] = { "",	   "K",	   "-1",  "0x10", "1e3", "inf",
					   "1..5", "4Kb ", "4 K", "1,5M", ".5",	 "4k" };
	uint64_t bytes = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse_size(bad[i], &bytes), -EINVAL);
		assert_int_equal(bytes, 77);
	}
}

static void durations(void **state)
{
	uint64_t ns = 0;

	(void)state;
	assert_int_equal(parse_duration("250ms", &ns), 0);
	assert_int_equal(ns, 250000000);
	assert_int_equal(parse_duration("1.5m", &ns), 0);
	assert_int_equal(ns, 90000000000);
	assert_int_equal(parse_duration("2h", &ns), 0);
	assert_int_equal(ns, 7200000000000);
	assert_int_equal(parse_duration("0", &ns), 0);
	assert_int_equal(ns, 0);
	/* Seconds or milliseconds? A unit must say. */
	assert_int_equal(parse_duration("5", &ns), -EINVAL);
	assert_int_equal(parse_duration("5 s", &ns), -EINVAL);
	assert_int_equal(parse_duration("s", &ns), -EINVAL);
}

static void shares(void **state)
{
	double share = 0.77;

	(void)state;
	assert_int_equal(parse_share("101%", &share), -ERANGE);
	assert_int_equal(parse_share("0.5", &share), -EINVAL);
	assert_true(share == 0.77);
	assert_int_equal(parse_share("0.5%", &share), 0);
	assert_true(share == 0.005);
	assert_int_equal(parse_share("0", &share), 0);
	assert_true(share == 0);
	assert_int_equal(parse_share("100%", &share), 0);
	assert_true(share == 1);
}

static void counts(void **state)
{
	uint64_t count = 0;

	(void)state;
	assert_int_equal(parse_count("18446744073709551615", &count), 0);
	assert_true(count == UINT64_MAX);
	assert_int_equal(parse_count("18446744073709551616", &count), -ERANGE);
	assert_int_equal(parse_count("+1", &count), -EINVAL);
	assert_int_equal(parse_count("10K", &count), -EINVAL);
	assert_int_equal(parse_count("", &count), -EINVAL);
}

static void formats(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(format_size(text, sizeof(text), 512), "512 B");
	assert_string_equal(format_size(text, sizeof(text), 8704), "8.5 KiB");
	assert_string_equal(format_size(text, sizeof(text), -2.5 * 1048576), "-2.5 MiB");
	assert_string_equal(format_duration(text, sizeof(text), 1.25e9), "1.25 s");
	assert_string_equal(format_duration(text, sizeof(text), 14500), "14.5 us");
	assert_string_equal(format_duration(text, sizeof(text), 0), "0 ns");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),     cmocka_unit_test(bad_sizes_change_nothing),
		cmocka_unit_test(durations), cmocka_unit_test(shares),
		cmocka_unit_test(counts),    cmocka_unit_test(formats),
	};

	return unit_main(tests);
}
