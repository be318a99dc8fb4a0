/* connections.c - the account of live bytes is exact at every step, with lifetimes too. */
#include "server/connections.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/units.h"
#include "tests/unit/unit.h"

static int open_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void live_equals_footprint_times_open(void **state)
{
	struct footprint footprint;
	struct connections connections;
	struct index index;
	int fds[300];

	(void)state;
	footprint_parse("64,700,4Kx2", &footprint);
	index_init(&index);
	connections_init(&connections, &footprint, &index);
	for (int i = 0; i < 300; i++) {
		fds[i] = open_fd();
		assert_non_null(connections_open(&connections, fds[i]));
		assert_int_equal(connections.account.live_bytes, (uint64_t)(i + 1) * 8956);
		assert_int_equal(connections.account.live_blocks, (uint64_t)(i + 1) * 4);
	}
	srand(2);
	for (uint64_t left = 300; left; left--) {
		uint64_t pick = (uint64_t)rand() % left;

		connections_close(&connections, table_find(&connections.table, fds[pick]));
		/* The descriptor is closed indeed. */
		assert_int_equal(fcntl(fds[pick], F_GETFD), -1);
		fds[pick] = fds[left - 1];
		assert_int_equal(connections.account.live_bytes, (left - 1) * 8956);
		assert_int_equal(connections_count(&connections), left - 1);
	}
	assert_true(connections.account.last_close <= clock_now());
	connections_free(&connections);
	index_free(&index);
}

static void blocks_expire_in_time(void **state)
{
	struct footprint footprint;
	struct connections connections;
	struct index index;
	uint64_t before, due;
	int first, second;

	(void)state;
	footprint_parse("100,1K@1h", &footprint);
	index_init(&index);
	connections_init(&connections, &footprint, &index);
	before = clock_now();
	first = open_fd();
	connections_open(&connections, first);
	second = open_fd();
	connections_open(&connections, second);
	assert_int_equal(connections.account.live_bytes, 2 * 1124);
	due = connections_expire(&connections, before);
	assert_true(due >= before + 3600 * NS_PER_S);
	assert_int_equal(connections.account.live_bytes, 2 * 1124);
	/* At its due time the first one's block goes, and only that. */
	connections_expire(&connections, due);
	assert_int_equal(connections.account.live_bytes, 1124 + 100);
	assert_true(connections_expire(&connections, due + 3600 * NS_PER_S) == UINT64_MAX);
	assert_int_equal(connections.account.live_bytes, 200);
	connections_close(&connections, table_find(&connections.table, first));
	assert_int_equal(connections.account.live_bytes, 100);
	connections_free(&connections);
	index_free(&index);
	assert_int_equal(connections.account.live_bytes, 0);
	assert_int_equal(connections.account.closed, 2);
}

static void a_reused_descriptor_keeps_its_own_block(void **state)
{
	struct footprint footprint;
	struct connections connections;
	struct index index;
	uint64_t due;
	int fd;

	(void)state;
	footprint_parse("1K@1h", &footprint);
	index_init(&index);
	connections_init(&connections, &footprint, &index);
	fd = open_fd();
	connections_open(&connections, fd);
	due = connections_expire(&connections, 0);
	connections_close(&connections, table_find(&connections.table, fd));
	assert_int_equal(open_fd(), fd);
	connections_open(&connections, fd);
	/* The first connection's moment has come; the second one's has not. */
	connections_expire(&connections, due);
	assert_int_equal(connections.account.live_bytes, 1024);
	connections_free(&connections);
	index_free(&index);
}

static void the_first_byte_takes_its_block_once(void **state)
{
	struct footprint footprint;
	struct connections connections;
	struct index index;
	struct connection *connection;
	int fd;

	(void)state;
	footprint_parse("64,4K@first-byte", &footprint);
	index_init(&index);
	connections_init(&connections, &footprint, &index);
	fd = open_fd();
	connection = connections_open(&connections, fd);
	assert_int_equal(connections.account.live_bytes, 64);
	assert_int_equal(connections_feed(&connections, connection), 0);
	assert_int_equal(connections.account.live_bytes, 64 + 4096);
	assert_int_equal(connections_feed(&connections, connection), 0);
	assert_int_equal(connections.account.live_bytes, 64 + 4096);
	connections_free(&connections);
	index_free(&index);
	assert_int_equal(connections.account.live_bytes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(live_equals_footprint_times_open),
		cmocka_unit_test(blocks_expire_in_time),
		cmocka_unit_test(a_reused_descriptor_keeps_its_own_block),
		cmocka_unit_test(the_first_byte_takes_its_block_once),
	};

	return unit_main(tests);
}
