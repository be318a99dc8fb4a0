/* crew_board.c - who talks is dealt among the connections that are open. */
#include "pulse/crew_board.h"

#include "tests/unit/unit.h"

#define LOOPS 4

/* Deals, and checks each loop's part and the number among those that have any. */
static void assert_dealt(const uint64_t open[LOOPS], uint64_t active, const uint64_t wanted[LOOPS])
{
	struct crew_board *board = crew_board_create(LOOPS);
	uint32_t loops = 0;

	assert_non_null(board);
	for (int i = 0; i < LOOPS; i++)
		board->slots[i].pulse.open = open[i];
	crew_board_deal(board, active);
	for (int i = 0; i < LOOPS; i++)
		loops += wanted[i] > 0;
	for (uint32_t i = 0, index = 0; i < LOOPS; i++) {
		const struct crew_part *part = &board->slots[i].part;

		assert_int_equal(part->active, wanted[i]);
		if (!wanted[i])
			continue;
		assert_int_equal(part->loops, loops);
		assert_int_equal(part->index, index++);
	}
	crew_board_destroy(board);
}

static void like_cards_where_nothing_is_lost(void **state)
{
	(void)state;
	assert_dealt((uint64_t[]){ 3, 3, 2, 2 }, 10, (uint64_t[]){ 3, 3, 2, 2 });
	assert_dealt((uint64_t[]){ 3, 3, 2, 2 }, 6, (uint64_t[]){ 2, 2, 1, 1 });
	assert_dealt((uint64_t[]){ 3, 3, 2, 2 }, 1, (uint64_t[]){ 1, 0, 0, 0 });
	assert_dealt((uint64_t[]){ 3, 3, 2, 2 }, 0, (uint64_t[]){ 0, 0, 0, 0 });
}

static void past_loops_that_have_no_more(void **state)
{
	(void)state;
	assert_dealt((uint64_t[]){ 0, 0, 1, 0 }, 1, (uint64_t[]){ 0, 0, 1, 0 });
	assert_dealt((uint64_t[]){ 0, 5, 0, 5 }, 3, (uint64_t[]){ 0, 2, 0, 1 });
	assert_dealt((uint64_t[]){ 100, 1, 0, 100 }, 101, (uint64_t[]){ 50, 1, 0, 50 });
	assert_dealt((uint64_t[]){ 1, 2, 3, 4 }, 10, (uint64_t[]){ 1, 2, 3, 4 });
	assert_dealt((uint64_t[]){ 9, 0, 0, 7 }, 16, (uint64_t[]){ 9, 0, 0, 7 });
}

/* Some may have been lost since they were counted. */
static void no_more_than_there_are(void **state)
{
	(void)state;
	assert_dealt((uint64_t[]){ 0, 2, 0, 1 }, 5, (uint64_t[]){ 0, 2, 0, 1 });
	assert_dealt((uint64_t[]){ 0, 0, 0, 0 }, 5, (uint64_t[]){ 0, 0, 0, 0 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_cards_where_nothing_is_lost),
		cmocka_unit_test(past_loops_that_have_no_more),
		cmocka_unit_test(no_more_than_there_are),
	};

	return unit_main(tests);
}
