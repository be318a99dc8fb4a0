/* sources.c - the addresses that connections come from: what is read, and how they are counted. */
#include "pulse/sources.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "pulse/preflight.h"
#include "tests/unit/unit.h"

static void is_address(const struct sources *sources, uint64_t number, const char *wanted)
{
	struct address address;
	char text[ADDRESS_TEXT];

	sources_address(sources, number, &address);
	assert_string_equal(address_format(text, sizeof(text), &address), wanted);
}

static void networks_and_addresses_are_read(void **state)
{
	struct sources sources;

	(void)state;
	assert_int_equal(sources_parse("127.0.0.0/8", &sources), 0);
	assert_int_equal(sources.count, (1 << 24) - 2);
	is_address(&sources, 0, "127.0.0.1:0");
	is_address(&sources, 255, "127.0.1.0:0");
	is_address(&sources, sources.count - 1, "127.255.255.254:0");
	is_address(&sources, sources.count, "127.0.0.1:0");

	assert_int_equal(sources_parse("10.1.2.3", &sources), 0);
	assert_int_equal(sources.count, 1);
	is_address(&sources, 7, "10.1.2.3:0");

	assert_int_equal(sources_parse("10.1.2.7/30", &sources), 0);
	assert_int_equal(sources.count, 2);
	is_address(&sources, 0, "10.1.2.5:0");

	/* RFC 3021: both are hosts. */
	assert_int_equal(sources_parse("10.1.2.4/31", &sources), 0);
	assert_int_equal(sources.count, 2);
	is_address(&sources, 0, "10.1.2.4:0");
}

static void ipv6_has_no_broadcast(void **state)
{
	struct sources sources;

	(void)state;
	assert_int_equal(sources_parse("::1", &sources), 0);
	assert_int_equal(sources.count, 1);
	is_address(&sources, 5, "[::1]:0");
	assert_int_equal(sources_parse("[fd00::12]/124", &sources), 0);
	assert_int_equal(sources.count, 16);
	is_address(&sources, 0, "[fd00::10]:0");
	is_address(&sources, 15, "[fd00::1f]:0");
	assert_int_equal(sources_parse("fd00::/64", &sources), 0);
	assert_int_equal(sources.count, UINT64_C(1) << 32);
}

static void what_is_neither_is_refused(void **state)
{
	static const char *const bad[] = {
		"",	     "127.0.0.0/", "127.0.0.0/33", "::1/129",	   "127.0.0/8",
		"localhost", "[::1",	   "/8",	   "127.0.0.1/-1", "127.0.0.1:80",
	};
	struct sources sources;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sources_parse(bad[i], &sources), -EINVAL);
}

static void only_as_many_as_are_needed_are_used(void **state)
{
	struct sources sources = { .count = 1000 };

	(void)state;
	sources_narrow(&sources, 1000000, 28232);
	assert_int_equal(sources.count, 142);
	sources_narrow(&sources, 7058, 28232);
	assert_int_equal(sources.count, 1);
	sources_narrow(&sources, 1000000, 28232);
	assert_int_equal(sources.count, 1);
}

/* The sources for a burst of that size, whether it fits or not; range as --source-range, or NULL.
 */
static uint64_t chosen(uint64_t burst, const char *server, const char *range)
{
	const struct available available = { .fd = -1 };
	struct pulse_options options;
	struct preflight found;
	char count[24], why[OPTIONS_WHY];
	char *argv[] = { "pulse",
			 "--bursts",
			 "1",
			 "--trickle",
			 "0",
			 "--burst",
			 count,
			 "--connect",
			 (char *)server,
			 range ? "--source-range" : NULL,
			 (char *)range,
			 NULL };

	snprintf(count, sizeof(count), "%" PRIu64, burst);
	assert_int_equal(pulse_options_parse(&options, range ? 11 : 9, argv, why), 0);
	preflight(&found, &options, &available);
	return found.sources.count;
}

static void beyond_half_of_the_ports_there_are_several(void **state)
{
	struct limits limits;
	uint64_t half;

	(void)state;
	assert_int_equal(limits_read(&limits, true), 0);
	half = limits_ports(&limits) / 2;
	assert_int_equal(chosen(half, "127.0.0.1:80", NULL), 0);
	assert_true(chosen(half + 1, "127.0.0.1:80", NULL) > 1);
	assert_int_equal(chosen(half + 1, "127.0.0.1:80", "127.0.0.5"), 1);
	/* Not where there is but one address, or where we cannot know any. */
	assert_int_equal(chosen(half + 1, "[::1]:80", NULL), 0);
	assert_int_equal(chosen(half + 1, "192.0.2.1:80", NULL), 0);
}

static void both_sides_speak_the_same_ip(void **state)
{
	struct sources sources = { .count = 0 };
	struct address v4, v6;

	(void)state;
	address_parse("127.0.0.1:80", &v4);
	address_parse("[::1]:80", &v6);
	assert_true(sources_suit(&sources, &v6));
	sources_parse("127.0.0.0/8", &sources);
	assert_true(sources_suit(&sources, &v4));
	assert_false(sources_suit(&sources, &v6));
}

static void a_socket_is_bound_without_a_port(void **state)
{
	struct sources sources;
	struct sockaddr_in bound;
	socklen_t length = sizeof(bound);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_true(fd >= 0);
	sources_parse("127.0.0.0/8", &sources);
	assert_int_equal(sources_bind(&sources, 4, fd), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &length), 0);
	assert_string_equal(inet_ntoa(bound.sin_addr), "127.0.0.5");
	assert_int_equal(bound.sin_port, 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_and_addresses_are_read),
		cmocka_unit_test(ipv6_has_no_broadcast),
		cmocka_unit_test(what_is_neither_is_refused),
		cmocka_unit_test(only_as_many_as_are_needed_are_used),
		cmocka_unit_test(beyond_half_of_the_ports_there_are_several),
		cmocka_unit_test(both_sides_speak_the_same_ip),
		cmocka_unit_test(a_socket_is_bound_without_a_port),
	};

	return unit_main(tests);
}
