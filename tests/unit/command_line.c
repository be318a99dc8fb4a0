/* command_line.c - options are taken in every spelling, and errors name option and fix. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/address.h"
#include "server/base/options.h"
#include "tests/unit/unit.h"

struct example {
	uint64_t burst;
	const char *label;
	int json;
};

static const struct option_row rows[] = {
	{ "burst", "COUNT", offsetof(struct example, burst), option_count, EXPECTS_COUNT, "help" },
	{ "big", "COUNT", offsetof(struct example, burst), option_count, EXPECTS_COUNT, NULL },
	{ "label", "NAME", offsetof(struct example, label), option_text, NULL, "help" },
	{ "json", NULL, offsetof(struct example, json), option_switch, NULL, "help" },
	{ 0 },
};

/* words: up to four, the rest NULL. */
static int parse(struct example *example, char *why, const char *const words[4])
{
	char *argv[6] = { "test" };
	int argc = 1;

	for (int i = 0; i < 4 && words[i]; i++)
		argv[argc++] = (char *)words[i];
	return options_parse(rows, example, argc, argv, why);
}

#define WORDS(...) ((const char *const[4]){ __VA_ARGS__ })

static void every_spelling(void **state)
{
	struct example example = { 0 };
	char why[OPTIONS_WHY];

	(void)state;
	assert_int_equal(parse(&example, why, WORDS("--burst", "5")), 3);
	assert_int_equal(example.burst, 5);
	assert_int_equal(parse(&example, why, WORDS("--burst=6", "--json")), 3);
	assert_int_equal(example.burst, 6);
	assert_int_equal(example.json, 1);
	assert_int_equal(parse(&example, why, WORDS("-big=7")), 2);
	assert_int_equal(example.burst, 7);
	assert_int_equal(parse(&example, why, WORDS("-big", "8")), 3);
	assert_int_equal(example.burst, 8);
	assert_int_equal(parse(&example, why, WORDS("--label=a=b")), 2);
	assert_string_equal(example.label, "a=b");
}

static void operands(void **state)
{
	struct example example = { 0 };
	char why[OPTIONS_WHY];

	(void)state;
	assert_int_equal(parse(&example, why, WORDS("--json", "dir", "--burst", "5")), 2);
	assert_int_equal(example.burst, 0);
	assert_int_equal(parse(&example, why, WORDS("--", "--burst", "5")), 2);
	assert_int_equal(example.burst, 0);
}

static void expect_error(const char *expected, const char *first, const char *second)
{
	struct example example = { 0 };
	char why[OPTIONS_WHY] = "";

	assert_int_equal(parse(&example, why, WORDS(first, second)), -EINVAL);
	if (!strstr(why, expected))
		fail_msg("'%s' does not say '%s'", why, expected);
	assert_null(strchr(why, '\n'));
}

static void errors_name_option_and_fix(void **state)
{
	(void)state;
	expect_error("--burst: 'ten' is not a whole number below 2^64 (for example 10000)",
		     "--burst", "ten");
	expect_error("--burst: '18446744073709551616' is out of range; give a whole number below "
		     "2^64 (for example 10000)",
		     "--burst", "18446744073709551616");
	expect_error("did you mean --burst?", "--brust", "5");
	expect_error("--help lists them", "--wholly-different", NULL);
	expect_error("--burst needs a value: --burst COUNT", "--burst", NULL);
	expect_error("--json takes no value", "--json=1", NULL);
}

static void addresses(void **state)
{
	struct address address;
	char text[ADDRESS_TEXT];

	(void)state;
	assert_int_equal(address_parse("127.0.0.1:3033", &address), 0);
	assert_int_equal(address_port(&address), 3033);
	assert_string_equal(address_format(text, sizeof(text), &address), "127.0.0.1:3033");
	assert_int_equal(address_parse("[::1]:0", &address), 0);
	assert_string_equal(address_format(text, sizeof(text), &address), "[::1]:0");
	assert_int_equal(address_parse("localhost:80", &address), -EINVAL);
	assert_int_equal(address_parse("127.0.0.1", &address), -EINVAL);
	assert_int_equal(address_parse("127.0.0.1:65536", &address), -EINVAL);
	assert_int_equal(address_parse("::1:80", &address), -EINVAL);
	assert_int_equal(address_parse("[::1:80", &address), -EINVAL);
	assert_int_equal(address_parse(":80", &address), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling),
		cmocka_unit_test(operands),
		cmocka_unit_test(errors_name_option_and_fix),
		cmocka_unit_test(addresses),
	};

	return unit_main(tests);
}
