/* pulse_limits.c - pulse refuses what the machine cannot do, and names the command that changes it.
 */
#include "pulse/limits.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static const struct limits roomy = {
	.fds = 20000,
	.port_low = 32768,
	.port_high = 60999,
	.files = 1000000,
	.files_used = 1000,
	.backlog = 4096,
};

static const struct demand modest = {
	.burst = 10000,
	.connections = 10000,
	.ports = 10000,
	.local = true,
};

static char text[LIMITS_TEXT];

static void what_fits_is_let_through(void **state)
{
	(void)state;
	assert_int_equal(limits_judge(&roomy, &modest, text), 0);
}

static void descriptors(void **state)
{
	struct limits limits = roomy;

	(void)state;
	limits.fds = 10016;
	assert_int_equal(limits_judge(&limits, &modest, text), 0);
	limits.fds = 10015;
	assert_int_equal(limits_judge(&limits, &modest, text), -ENOBUFS);
	assert_non_null(strstr(text, "10015"));
	assert_non_null(strstr(text, "ulimit -n 10016"));
}

static void files_of_the_machine(void **state)
{
	struct limits limits = roomy;
	struct demand demand = modest;

	(void)state;
	/* On loopback, the server's ends are files of this machine as well. */
	limits.files = 21015;
	assert_int_equal(limits_judge(&limits, &demand, text), -ENOBUFS);
	assert_non_null(strstr(text, "sysctl -w fs.file-max=21016"));
	demand.local = false;
	assert_int_equal(limits_judge(&limits, &demand, text), 0);
}

static void source_ports(void **state)
{
	struct limits limits = roomy;

	(void)state;
	limits.port_high = limits.port_low + 9999;
	assert_int_equal(limits_judge(&limits, &modest, text), 0);
	limits.port_high--;
	assert_int_equal(limits_judge(&limits, &modest, text), -ENOBUFS);
	assert_non_null(strstr(text, "9999 source ports"));
	assert_non_null(strstr(text, "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\""));
}

static void ports_in_time_wait(void **state)
{
	struct demand demand = modest;

	(void)state;
	demand.ports = 30000;
	assert_int_equal(limits_judge(&roomy, &demand, text), -ENOBUFS);
	assert_non_null(strstr(text, "TIME_WAIT"));
	assert_non_null(strstr(text, "ip_local_port_range="));
	demand.ports = 70000; /* more than there are */
	assert_int_equal(limits_judge(&roomy, &demand, text), -ENOBUFS);
	assert_null(strstr(text, "ip_local_port_range="));
	assert_non_null(strstr(text, "tcp_tw_reuse=1"));
}

static void backlog_is_a_note(void **state)
{
	struct demand demand = modest;

	(void)state;
	assert_int_equal(limits_judge(&roomy, &demand, text), 0);
	limits_note_backlog(&roomy, &demand, text);
	assert_non_null(strstr(text, "net.core.somaxconn is 4096"));
	assert_non_null(strstr(text, "sysctl -w net.core.somaxconn=10000"));
	demand.burst = 4096;
	limits_note_backlog(&roomy, &demand, text);
	assert_string_equal(text, "");
	demand = modest;
	demand.paced = true;
	limits_note_backlog(&roomy, &demand, text);
	assert_string_equal(text, "");
}

static void loopback_is_told_from_others(void **state)
{
	static const struct {
		const char *address;
		bool loopback;
	} cases[] = {
		{ "127.0.0.1:1", true },      { "127.3.2.1:1", true },	{ "[::1]:1", true },
		{ "192.168.1.127:1", false }, { "[fe80::1]:1", false },
	};
	struct address address;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(address_parse(cases[i].address, &address), 0);
		assert_int_equal(limits_is_loopback(&address), cases[i].loopback);
	}
}

static void reads_this_machine(void **state)
{
	struct limits limits;

	(void)state;
	assert_int_equal(limits_read(&limits, true), 0);
	assert_true(limits.fds > 0);
	assert_true(limits.port_low <= limits.port_high && limits.port_high <= 65535);
	assert_true(limits.files_used < limits.files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_let_through),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(files_of_the_machine),
		cmocka_unit_test(source_ports),
		cmocka_unit_test(ports_in_time_wait),
		cmocka_unit_test(backlog_is_a_note),
		cmocka_unit_test(loopback_is_told_from_others),
		cmocka_unit_test(reads_this_machine),
	};

	return unit_main(tests);
}
