/* lifetimes.c - a queue of what is due: in the order of time, whatever the order of coming. */
#include "server/lifetimes.h"

#include "tests/unit/unit.h"

static void push(struct lifetimes *queue, uint64_t due, int32_t fd)
{
	assert_int_equal(lifetimes_push(queue, (struct lifetime){ due, fd, 0 }), 0);
}

static void expect(struct lifetimes *queue, uint64_t due, int32_t fd)
{
	const struct lifetime *first = lifetimes_first(queue);

	assert_non_null(first);
	assert_int_equal(first->due, due);
	assert_int_equal(first->fd, fd);
	lifetimes_pop(queue);
}

static void what_comes_first_is_due_first(void **state)
{
	struct lifetimes queue = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		push(&queue, 10, i);
	for (int i = 0; i < 1000; i++)
		expect(&queue, 10, i);
	assert_null(lifetimes_first(&queue));
	lifetimes_free(&queue);
}

/* As after a stall: a tick goes on from its own time, others have begun in the meantime. */
static void what_is_late_does_not_wait_behind_others(void **state)
{
	struct lifetimes queue = { 0 };

	(void)state;
	push(&queue, 10, 1);
	push(&queue, 30, 2);
	push(&queue, 30, 3);
	expect(&queue, 10, 1);
	push(&queue, 20, 1);
	push(&queue, 30, 4);
	push(&queue, 25, 5);
	expect(&queue, 20, 1);
	push(&queue, 15, 6); /* before all, where one has just been dropped */
	expect(&queue, 15, 6);
	expect(&queue, 25, 5);
	expect(&queue, 30, 2);
	expect(&queue, 30, 3);
	expect(&queue, 30, 4);
	assert_null(lifetimes_first(&queue));
	lifetimes_free(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_first_is_due_first),
		cmocka_unit_test(what_is_late_does_not_wait_behind_others),
	};

	return unit_main(tests);
}
