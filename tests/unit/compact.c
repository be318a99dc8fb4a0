/* compact.c - a walk over a loop's connections that has their blocks stand together in the end. */
#include "server/compact.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "allocators/allocator.h"
#include "allocators/slab/slabs.h"
#include "server/dialog.h"
#include "tests/unit/unit.h"

enum {
	CONNECTIONS = 600,
	STEPS = 100 * CONNECTIONS, /* more than any walks may take */
	BYTES = 8956		   /* of the footprint below */
};

/* The blocks are those of our own allocator, unless a test wants to see a restless one. */
static struct slabs slabs;
static uint64_t moves;
static bool restless;

static void *take(size_t size)
{
	return slabs_take(&slabs, size);
}

static void give(void *block, size_t size)
{
	slabs_give(&slabs, block, size);
}

static void *move(void *block, size_t size)
{
	void *moved = restless ? slabs_take(&slabs, size) : slabs_move(&slabs, block, size);

	if (restless) {
		memcpy(moved, block, size);
		slabs_give(&slabs, block, size);
	}
	moves++;
	return moved;
}

const struct allocator allocator = {
	.interface = ALLOCATOR_INTERFACE,
	.name = "moving",
	.take = take,
	.give = give,
	.move = move,
};

struct loop {
	struct footprint footprint;
	struct connections connections;
	struct index index;
	struct compact compact;
};

static struct connection *find(struct loop *loop, uint32_t place)
{
	return table_at(&loop->connections.table, place);
}

static void mark(struct loop *loop, struct connection *connection)
{
	for (uint32_t i = 0; i < loop->footprint.block_count; i++)
		memset(connection->blocks[i], connection->fd & 0xff, 64);
}

static bool is_marked(struct loop *loop, const struct connection *connection)
{
	for (uint32_t i = 0; i < loop->footprint.block_count; i++)
		for (int j = 0; j < 64; j++)
			if (((unsigned char *)connection->blocks[i])[j] != (connection->fd & 0xff))
				return false;
	return true;
}

static void begin(struct loop *loop)
{
	memset(loop, 0, sizeof(*loop));
	moves = 0;
	restless = false;
	assert_int_equal(slabs_init(&slabs), 0);
	assert_int_equal(footprint_parse("64,700,4Kx2", &loop->footprint), 0);
	assert_int_equal(index_init(&loop->index), 0);
	connections_init(&loop->connections, &loop->footprint, &loop->index);
	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		struct connection *connection;

		assert_true(fd >= 0);
		connection = connections_open(&loop->connections, fd);
		assert_non_null(connection);
		mark(loop, connection);
	}
}

static void close_one(struct loop *loop, uint32_t place)
{
	struct connection *connection = find(loop, place);
	struct state *state = connection->state;

	if (state)
		give(state, state->size);
	connections_close(&loop->connections, connection);
}

/* Leaves about one connection in so many, scattered in memory. */
static void leave(struct loop *loop, int share)
{
	struct table *table = &loop->connections.table;
	uint32_t place = 0;

	while (place < table->count)
		if (find(loop, place)->fd % share)
			close_one(loop, place);
		else
			place++;
}

static void end(struct loop *loop)
{
	while (loop->connections.table.count) {
		assert_true(is_marked(loop, find(loop, 0)));
		close_one(loop, 0);
	}
	connections_free(&loop->connections);
	index_free(&loop->index);
	assert_int_equal(slabs.used, 0);
	while (slabs_release(&slabs, 64, MADV_DONTNEED) == 1)
		;
}

static uint32_t compact(struct loop *loop)
{
	uint32_t steps = 1;

	while (compact_step(&loop->compact, &loop->connections))
		assert_true(++steps < STEPS);
	return steps;
}

static uint64_t slabs_for(uint64_t blocks, size_t size)
{
	unsigned int class = class_of(size);

	return ((blocks + class_capacity(class) - 1) / class_capacity(class)) << class_order(class);
}

static void survivors_stand_together(void **state)
{
	struct loop loop;
	uint64_t left, fewest;

	(void)state;
	begin(&loop);
	leave(&loop, 20);
	left = loop.connections.table.count;
	fewest = slabs_for(left, 64) + slabs_for(left, 700) + slabs_for(2 * left, 4096);
	assert_true(slabs.occupied > fewest);
	compact(&loop);
	assert_int_equal(slabs.occupied, fewest);
	/* The account knows nothing of it. */
	assert_int_equal(loop.connections.account.live_bytes, left * BYTES);
	assert_int_equal(loop.connections.account.live_blocks, left * 4);
	end(&loop);
}

/* What stands together is walked once, and then let alone. */
static void a_second_walk_finds_nothing(void **state)
{
	struct loop loop;
	uint32_t left;

	(void)state;
	begin(&loop);
	leave(&loop, 20);
	left = loop.connections.table.count;
	compact(&loop);
	moves = 0;
	assert_int_equal(compact(&loop), left * 5); /* blocks and a dialog that is not there */
	assert_int_equal(moves, left * 4);
	end(&loop);
}

/* A connection may have many blocks, and each of them takes its time. */
static void a_step_offers_one_block(void **state)
{
	struct loop loop;
	uint64_t before;
	bool more;

	(void)state;
	begin(&loop);
	do {
		before = moves;
		more = compact_step(&loop.compact, &loop.connections);
		assert_true(moves <= before + 1);
	} while (more);
	assert_int_equal(moves, CONNECTIONS * 4);
	end(&loop);
}

static void a_dialog_is_moved_with_its_connection(void **state)
{
	struct loop loop;
	struct connection *connection;
	struct state *before;

	(void)state;
	begin(&loop);
	for (uint32_t i = 0; i < CONNECTIONS; i++) {
		connection = find(&loop, i);
		connection->state = take(sizeof(struct state));
		*connection->state = (struct state){ .size = sizeof(struct state),
						     .number = (uint32_t)connection->fd };
	}
	before = find(&loop, CONNECTIONS - 1)->state;
	while (loop.connections.table.count > 1)
		close_one(&loop, 0);
	compact(&loop);
	connection = find(&loop, 0);
	assert_true(connection->state < before);
	assert_int_equal(connection->state->number, connection->fd);
	assert_int_equal(connection->state->size, sizeof(struct state));
	end(&loop);
}

/* Each block that is offered goes elsewhere: there is an end all the same. */
static void an_allocator_that_never_rests_is_left(void **state)
{
	struct loop loop;

	(void)state;
	begin(&loop);
	restless = true;
	compact(&loop);
	assert_true(moves >= CONNECTIONS * 4ull);
	assert_true(moves <= CONNECTIONS * 4ull * 8);
	end(&loop);
}

static void connections_may_come_and_go_meanwhile(void **state)
{
	struct loop loop;
	uint32_t place = 0;

	(void)state;
	begin(&loop);
	leave(&loop, 2);
	for (int i = 0; i < CONNECTIONS / 4; i++)
		assert_true(compact_step(&loop.compact, &loop.connections));
	while (loop.connections.table.count > CONNECTIONS / 8) {
		place = (place + 7) % loop.connections.table.count;
		close_one(&loop, place);
	}
	compact(&loop);
	end(&loop);
}

static void none_is_no_work(void **state)
{
	struct loop loop;

	(void)state;
	begin(&loop);
	while (loop.connections.table.count)
		close_one(&loop, 0);
	assert_int_equal(compact(&loop), 1);
	end(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survivors_stand_together),
		cmocka_unit_test(a_second_walk_finds_nothing),
		cmocka_unit_test(a_step_offers_one_block),
		cmocka_unit_test(a_dialog_is_moved_with_its_connection),
		cmocka_unit_test(an_allocator_that_never_rests_is_left),
		cmocka_unit_test(connections_may_come_and_go_meanwhile),
		cmocka_unit_test(none_is_no_work),
	};

	return unit_main(tests);
}
