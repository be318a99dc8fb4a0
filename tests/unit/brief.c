/* brief.c - texts of a column cut so that those that differ still do. */
#include "analysis/brief.h"

#include <string.h>

#include "tests/unit/unit.h"

static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static void what_fits_stays(void **state)
{
	const char *const texts[] = { "glibc", "", "forty characters are just enough for it." };
	char brief[BRIEF_ROOM];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(brief_text(brief, texts, 3, i), texts[i]);
}

static void what_differs_is_kept(void **state)
{
	const char *const texts[] = {
		"preload:/usr/lib/x86_64-linux-gnu/allocators/releases/liballocator-1.2.so",
		"preload:/usr/lib/x86_64-linux-gnu/allocators/releases/liballocator-1.3.so",
	};
	char brief[BRIEF_ROOM];

	(void)state;
	brief_text(brief, texts, 2, 0);
	assert_int_equal(width_of(brief), BRIEF_MOST);
	assert_ptr_equal(strstr(brief, "preload:/usr/"), brief);
	assert_string_equal(brief + strlen(brief) - 6, "1.2.so");
	brief_text(brief, texts, 2, 1);
	assert_string_equal(brief + strlen(brief) - 6, "1.3.so");
}

/* A long part that differs loses its middle, and keeps what is around it. */
static void what_differs_at_length_is_cut_in_the_middle(void **state)
{
	const char *const texts[] = {
		"a=1,bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,c=1",
		"x",
	};
	char brief[BRIEF_ROOM];

	(void)state;
	brief_text(brief, texts, 2, 0);
	assert_true(width_of(brief) <= BRIEF_MOST);
	assert_ptr_equal(strstr(brief, "a=1,"), brief);
	assert_non_null(strstr(brief, "b…b"));
	assert_string_equal(brief + strlen(brief) - 4, ",c=1");
}

static void no_two_are_the_same(void **state)
{
	const char *const texts[] = {
		"1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaxaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaayaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaxaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"2",
	};
	char first[BRIEF_ROOM], second[BRIEF_ROOM], third[BRIEF_ROOM];

	(void)state;
	brief_text(first, texts, 4, 0);
	brief_text(second, texts, 4, 1);
	brief_text(third, texts, 4, 2);
	assert_string_equal(first, third);
	assert_string_not_equal(first, second);
	assert_string_equal(second + strlen(second) - 2, "~2");
}

static void a_character_stays_whole(void **state)
{
	const char *const texts[] = {
		"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü1",
		"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü2",
		"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöä2",
	};
	char brief[BRIEF_ROOM];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		brief_text(brief, texts, 3, i);
		assert_int_equal(width_of(brief), BRIEF_MOST);
		assert_non_null(strstr(brief, "…"));
		assert_string_equal(brief + strlen(brief) - 3, texts[i] + strlen(texts[i]) - 3);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_stays),
		cmocka_unit_test(what_differs_is_kept),
		cmocka_unit_test(what_differs_at_length_is_cut_in_the_middle),
		cmocka_unit_test(no_two_are_the_same),
		cmocka_unit_test(a_character_stays_whole),
	};

	return unit_main(tests);
}
