/* crowd.c - marks that lie on each other become rings, and names stand where nothing is. */
#include "analysis/crowd.h"

#include <math.h>

#include "tests/unit/unit.h"

static const struct box plot = { 0, 0, 200, 100 };

static void what_lies_on_each_other_is_drawn_around_each_other(void **state)
{
	struct spot spots[] = {
		{ .x = 10, .y = 10 },	{ .x = 60, .y = 10 }, { .x = 10, .y = 10 },
		{ .x = NAN, .y = NAN }, { .x = 14, .y = 13 }, { .x = 60 + CROWD_NEAR, .y = 10 },
	};
	const size_t groups[] = { 0, 1, 0, 3, 0, 5 };

	(void)state;
	crowd_gather(spots, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(spots[i].group, groups[i]);
	/* From the first, which is drawn first, to the last, which is on top. */
	assert_true(spots[0].radius > spots[2].radius && spots[2].radius > spots[4].radius);
	assert_true(spots[4].radius == CROWD_MARK && spots[1].radius == CROWD_MARK);
	assert_true(spots[3].radius == CROWD_MARK && spots[5].radius == CROWD_MARK);
}

static void many_rings_are_no_larger_than_a_few(void **state)
{
	struct spot spots[40] = { 0 };

	(void)state;
	crowd_gather(spots, 40);
	assert_true(spots[0].radius < 5 * CROWD_MARK);
	for (size_t i = 1; i < 40; i++)
		assert_true(spots[i - 1].radius > spots[i].radius);
}

static bool meets(const struct box *name, double x, double y)
{
	return x > name->left && x < name->right && y > name->bottom && y < name->top;
}

static void a_name_stands_where_nothing_is(void **state)
{
	struct spot spots[] = { { .x = 50, .y = 50 }, { .x = 70, .y = 50 }, { .x = NAN } };
	struct box names[2] = { { 0, 0, 30, 12 }, { 0, 0, 30, 12 } };

	(void)state;
	crowd_gather(spots, 3);
	assert_true(crowd_place(&names[0], spots, 3, 1, names, 0, &plot));
	assert_true(names[0].left > 70 + CROWD_MARK); /* to the right, as one reads */
	assert_true(fabs((names[0].bottom + names[0].top) / 2 - 50) < 1e-9);
	assert_true(crowd_place(&names[1], spots, 3, 0, names, 1, &plot));
	assert_false(meets(&names[1], 70, 50));
	assert_true(names[1].right < names[0].left);
	assert_true(fabs(names[1].right - names[1].left - 30) < 1e-9);
}

static void without_room_there_is_no_name(void **state)
{
	struct spot spot = { .x = 100, .y = 50 };
	struct box all = { 0, 0, 200, 100 }, name = { 0, 0, 30, 12 }, wide = { 0, 0, 300, 12 };

	(void)state;
	crowd_gather(&spot, 1);
	assert_false(crowd_place(&name, &spot, 1, 0, &all, 1, &plot));
	assert_false(crowd_place(&wide, &spot, 1, 0, NULL, 0, &plot));
	assert_true(crowd_place(&name, &spot, 1, 0, NULL, 0, &plot));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_on_each_other_is_drawn_around_each_other),
		cmocka_unit_test(many_rings_are_no_larger_than_a_few),
		cmocka_unit_test(a_name_stands_where_nothing_is),
		cmocka_unit_test(without_room_there_is_no_name),
	};

	return unit_main(tests);
}
