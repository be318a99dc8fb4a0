/* pulse_limits.c - pulse refuses what the machine cannot do, and names the command that changes it.
 */
#include "pulse/limits.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/unit.h"

static const struct limits roomy = {
	.fds = 20000,
	.fds_most = 1048576,
	.port_low = 32768,
	.port_high = 60999,
	.files = 1000000,
	.files_used = 1000,
	.watches = 1000000,
	.flows = UINT64_MAX,
	.memory = UINT64_C(4) << 30,
	.backlog = 4096,
};

static const struct demand modest = {
	.burst = 10000,
	.connections = 10000,
	.ports = 10000,
	.sources = 1,
	.workers = 1,
	.fds = 10016,
	.floor = UINT64_C(512) << 20,
	.local = true,
};

static char text[LIMITS_TEXT];

/* The line names all of it. */
static void refused(const struct limits *limits, const struct demand *demand, const char *what,
		    const char *remedy)
{
	assert_int_equal(limits_judge(limits, demand, text), -ENOBUFS);
	assert_non_null(strstr(text, what));
	assert_non_null(strstr(text, remedy));
}

static void what_fits_is_let_through(void **state)
{
	(void)state;
	assert_int_equal(limits_judge(&roomy, &modest, text), 0);
}

static void descriptors(void **state)
{
	struct limits limits = roomy;
	struct demand demand = modest;

	(void)state;
	limits.fds = 17;
	demand.workers = 0;
	refused(&limits, &demand, "RLIMIT_NOFILE lets a process have 17", ": ulimit -n 10016");
	limits.fds_most = 10015;
	refused(&limits, &demand, "RLIMIT_NOFILE", "sysctl -w fs.nr_open=10016 && ulimit -n 10016");
}

static void files_of_the_machine(void **state)
{
	struct limits limits = roomy;
	struct demand demand = modest;

	(void)state;
	/* On loopback, the server's ends are files of this machine as well. */
	limits.files = 21016;
	assert_int_equal(limits_judge(&limits, &demand, text), 0);
	limits.files = 21015;
	refused(&limits, &demand, "1000 in use", "sysctl -w fs.file-max=21016");
	demand.local = false;
	assert_int_equal(limits_judge(&limits, &demand, text), 0);
	/* Each process has some of its own. */
	demand.workers = 3;
	refused(&limits, &demand, "fs.file-max", "sysctl -w fs.file-max=31048");
}

static void watches(void **state)
{
	struct limits limits = roomy;

	(void)state;
	limits.watches = 19999;
	refused(&limits, &modest, "fs.epoll.max_user_watches is 19999",
		"sysctl -w fs.epoll.max_user_watches=20000");
}

static void followed_connections(void **state)
{
	struct limits limits = roomy;

	(void)state;
	limits.flows = 10005;
	limits.flows_used = 6;
	refused(&limits, &modest, "nf_conntrack_max is 10005",
		"sysctl -w net.netfilter.nf_conntrack_max=10006");
}

static void memory(void **state)
{
	struct limits limits = roomy;
	struct demand demand = modest;

	(void)state;
	limits.memory = demand.floor + 10000 * UINT64_C(10240);
	assert_int_equal(limits_judge(&limits, &demand, text), 0);
	limits.memory--;
	refused(&limits, &demand, "97.7 MiB of it in the kernel", "ask for 9999 at once");
	demand.local = false;
	assert_int_equal(limits_judge(&limits, &demand, text), 0);
	limits.memory = 0;
	refused(&limits, &demand, "are to stay", ": lower --memory-floor, or free memory");
}

static void the_first_that_does_not_fit_is_named(void **state)
{
	struct limits limits = roomy;

	(void)state;
	limits.files = limits.watches = limits.memory = 1;
	refused(&limits, &modest, "fs.file-max", "fs.file-max=");
	assert_null(strstr(text, "watches"));
}

static void source_ports(void **state)
{
	struct limits limits = roomy;
	struct demand demand = modest;

	(void)state;
	limits.port_high = limits.port_low + 9999;
	assert_int_equal(limits_judge(&limits, &demand, text), 0);
	limits.port_high--;
	refused(&limits, &demand, "9999 source ports for 1 source address,",
		"sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"");
	demand.sources = 2;
	assert_int_equal(limits_judge(&limits, &demand, text), 0);
	limits.ports_reserved = 5000;
	refused(&limits, &demand, "less ip_local_reserved_ports has 4999 source ports",
		"ip_local_port_range=");
	demand.ports = demand.connections = 129025; /* more than two addresses have */
	refused(&roomy, &demand, "2 source addresses", "--source-range with more");
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
	assert_true(limits.fds <= limits.fds_most);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_let_through),
		cmocka_unit_test(descriptors),
		cmocka_unit_test(files_of_the_machine),
		cmocka_unit_test(watches),
		cmocka_unit_test(followed_connections),
		cmocka_unit_test(memory),
		cmocka_unit_test(the_first_that_does_not_fit_is_named),
		cmocka_unit_test(source_ports),
		cmocka_unit_test(ports_in_time_wait),
		cmocka_unit_test(backlog_is_a_note),
		cmocka_unit_test(loopback_is_told_from_others),
		cmocka_unit_test(reads_this_machine),
	};

	return unit_main(tests);
}
