/* footprint.c - footprint lists mean what they say, and their sums are right. */
#include "server/footprint.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static void lists(void **state)
{
	struct footprint f;

	(void)state;
	assert_int_equal(footprint_parse("64,700,4Kx2", &f), 0);
	assert_int_equal(f.item_count, 3);
	assert_int_equal(f.block_count, 4);
	assert_int_equal(f.bytes, 64 + 700 + 2 * 4096);
	assert_int_equal(f.items[2].size, 4096);
	assert_int_equal(f.items[2].count, 2);
	assert_int_equal(f.items[2].first, 2);
	assert_int_equal(f.items[2].lifetime, 0);
	assert_false(f.items[2].at_first_byte);
}

static void moments(void **state)
{
	struct footprint f;

	(void)state;
	assert_int_equal(footprint_parse("64,4Kx2@200ms,1K@first-byte,2K@first-byte@1s", &f), 0);
	assert_int_equal(f.items[0].lifetime, 0);
	assert_int_equal(f.items[1].lifetime, 200000000);
	assert_false(f.items[1].at_first_byte);
	assert_true(f.items[2].at_first_byte);
	assert_int_equal(f.items[2].lifetime, 0);
	assert_true(f.items[3].at_first_byte);
	assert_int_equal(f.items[3].lifetime, 1000000000);
}

static void presets(void **state)
{
	struct footprint preset, list;

	(void)state;
	assert_int_equal(footprint_parse("none", &preset), 0);
	assert_int_equal(preset.block_count, 0);
	assert_int_equal(preset.bytes, 0);
	assert_int_equal(footprint_parse("stackoverflow", &preset), 0);
	assert_int_equal(preset.bytes, 256);
	assert_int_equal(footprint_parse("session", &preset), 0);
	assert_int_equal(footprint_parse("64,700,4Kx2", &list), 0);
	assert_memory_equal(&preset, &list, sizeof(list));
}

static void bad_lists_change_nothing(void **state)
{
	static const char *const bad[] = { "64,",
					   ",64",
					   "0",
					   "64x0",
					   "x2",
					   "64@",
					   "64@0",
					   "64@soon",
					   "64@1s@2s",
					   "sesion",
					   "64@first-byte@first-byte",
					   "64 ,64",
					   "-64" };
	struct footprint f = { .bytes = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (footprint_parse(bad[i], &f) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_int_equal(f.bytes, 77);
	}
	assert_int_equal(footprint_parse("1x257", &f), -ERANGE);
	assert_int_equal(footprint_parse("1x200,1x200", &f), -ERANGE);
	assert_int_equal(footprint_parse("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", &f), -ERANGE);
	assert_int_equal(footprint_parse("5G", &f), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(moments),
		cmocka_unit_test(presets),
		cmocka_unit_test(bad_lists_change_nothing),
	};

	return unit_main(tests);
}
