/* steps.c - a release that a loop takes in steps, and serves its connections between them. */
#include "server/rounds.h"

#include <errno.h>
#include <string.h>

#include "allocators/allocator.h"
#include "server/base/clock.h"
#include "server/base/units.h"
#include "tests/unit/unit.h"

enum {
	LOOPS = 2,
	PACKINGS = 5, /* steps of each loop */
	RELEASES = 3, /* steps of the process */
	TURNS = 1000, /* more than any test needs */
};

/* What the plug-in was asked for. */
static struct {
	int flushed;
	int packed;
	int released;
	bool packed_after_release;
	bool moves;
	bool long_steps; /* each is as long as a loop may be kept from its connections */
	int error;
} asked;

static void last_long(void)
{
	uint64_t end = clock_now() + NS_PER_MS;

	while (asked.long_steps && clock_now() < end)
		;
}

static void flush_thread(void)
{
	asked.flushed++;
	last_long();
}

static int release_process(char why[ALLOCATOR_TEXT])
{
	(void)why;
	last_long();
	if (asked.error)
		return asked.error;
	return ++asked.released % RELEASES != 0;
}

static void *move(void *block, size_t size)
{
	(void)size;
	return block;
}

static bool wants_moves(void)
{
	return asked.moves;
}

const struct allocator allocator = {
	.interface = ALLOCATOR_INTERFACE,
	.name = "steps",
	.flush_thread = flush_thread,
	.release_process = release_process,
	.move = move,
	.wants_moves = wants_moves,
};

static void wake(void *argument)
{
	(void)argument;
}

struct process {
	struct release_choice choice;
	struct rounds rounds;
	struct member members[LOOPS];
	struct status_slot accounts[LOOPS];
	int packed[LOOPS];
};

static struct process process;

static bool pack(struct member *member)
{
	asked.packed++;
	asked.packed_after_release |= asked.released > 0;
	last_long();
	return ++process.packed[member - process.members] % PACKINGS != 0;
}

static void begin(const char *policy)
{
	memset(&asked, 0, sizeof(asked));
	asked.moves = true;
	memset(&process, 0, sizeof(process));
	assert_int_equal(release_parse(policy, &process.choice), 0);
	rounds_init(&process.rounds, &process.choice, -1);
	for (int i = 0; i < LOOPS; i++) {
		rounds_join(&process.rounds, &process.members[i], wake, NULL);
		process.members[i].pack = pack;
	}
}

static void end(void)
{
	for (int i = 0; i < LOOPS; i++)
		rounds_leave(&process.rounds, &process.members[i], &process.accounts[i]);
	rounds_free(&process.rounds);
}

static uint64_t turn(int loop, uint64_t opened, uint64_t closed)
{
	return rounds_turn(&process.rounds, &process.members[loop], opened, closed,
			   &process.accounts[loop]);
}

/* Turns of all loops without traffic until none has anything to do. Returns how many. */
static int settle(void)
{
	int turns = 0;
	bool busy = true;

	while (busy && turns < TURNS) {
		busy = false;
		for (int i = 0; i < LOOPS; i++)
			busy |= turn(i, 0, 0) != RELEASE_NEVER;
		turns++;
	}
	return turns;
}

static uint64_t releases(void)
{
	return process.accounts[0].releases + process.accounts[1].releases;
}

static void all_have_packed_before_the_process_releases(void **state)
{
	(void)state;
	begin("close");
	turn(0, 10, 0);
	turn(1, 10, 0);
	turn(0, 0, 1);
	assert_true(settle() < TURNS);
	assert_int_equal(asked.flushed, LOOPS);
	assert_int_equal(asked.packed, LOOPS * PACKINGS);
	assert_int_equal(asked.released, RELEASES);
	assert_false(asked.packed_after_release);
	assert_int_equal(releases(), 1);
	end();
}

/* A loop comes back to its connections after each step that is long enough, and is called again. */
static void between_long_steps_a_loop_serves(void **state)
{
	uint64_t steps = 1 + PACKINGS;

	(void)state;
	begin("close");
	asked.long_steps = true;
	turn(0, 10, 0);
	turn(0, 0, 1);
	for (uint64_t i = 1; i < steps; i++) {
		assert_int_equal(asked.flushed + asked.packed, i);
		assert_true(turn(0, 0, 0) < RELEASE_NEVER || i == steps - 1);
	}
	/* It has done its part, and waits for the other loop; nobody has it spin. */
	assert_true(turn(0, 0, 0) == RELEASE_NEVER);
	assert_int_equal(asked.flushed + asked.packed, steps);
	assert_int_equal(asked.released, 0);
	assert_true(settle() < TURNS);
	assert_int_equal(releases(), 1);
	end();
}

/* Nothing but the turns that it has is between a step and the next one: none is lost or doubled. */
static void what_closes_between_steps_is_released_later(void **state)
{
	(void)state;
	begin("close");
	asked.long_steps = true;
	turn(0, 10, 0);
	turn(0, 0, 1);
	turn(0, 0, 1);
	turn(1, 0, 0);
	assert_true(settle() < TURNS);
	assert_int_equal(releases(), 2);
	assert_int_equal(asked.released, 2 * RELEASES);
	assert_int_equal(asked.packed, 2 * LOOPS * PACKINGS);
	end();
}

static void nothing_is_moved_where_moving_is_off(void **state)
{
	(void)state;
	begin("close");
	asked.moves = false;
	turn(0, 10, 1);
	assert_true(settle() < TURNS);
	assert_int_equal(asked.packed, 0);
	assert_int_equal(asked.released, RELEASES);
	end();
}

static void a_loop_that_cannot_move_releases_all_the_same(void **state)
{
	(void)state;
	begin("close");
	process.members[0].pack = NULL;
	turn(0, 10, 1);
	assert_true(settle() < TURNS);
	assert_int_equal(asked.packed, PACKINGS);
	assert_int_equal(asked.released, RELEASES);
	end();
}

static void an_error_ends_the_round(void **state)
{
	(void)state;
	begin("close");
	asked.error = -EINVAL;
	turn(0, 10, 1);
	assert_true(settle() < TURNS);
	assert_int_equal(releases(), 1);
	asked.error = 0;
	turn(0, 0, 1);
	assert_true(settle() < TURNS);
	assert_int_equal(releases(), 2);
	assert_int_equal(asked.released, RELEASES);
	end();
}

static void who_leaves_in_between_does_all_its_steps(void **state)
{
	(void)state;
	begin("close");
	asked.long_steps = true;
	turn(0, 10, 1);
	end();
	assert_int_equal(asked.packed, LOOPS * PACKINGS);
	assert_int_equal(asked.released, RELEASES);
	assert_int_equal(releases(), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_have_packed_before_the_process_releases),
		cmocka_unit_test(between_long_steps_a_loop_serves),
		cmocka_unit_test(what_closes_between_steps_is_released_later),
		cmocka_unit_test(nothing_is_moved_where_moving_is_off),
		cmocka_unit_test(a_loop_that_cannot_move_releases_all_the_same),
		cmocka_unit_test(an_error_ends_the_round),
		cmocka_unit_test(who_leaves_in_between_does_all_its_steps),
	};

	return unit_main(tests);
}
