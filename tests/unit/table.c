/* table.c - the connection table holds what is open, densely, and gives its pages back. */
#include "server/table.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static void finds_what_was_inserted(void **state)
{
	struct index index;
	struct table table;
	struct connection *connection;

	(void)state;
	index_init(&index);
	table_init(&table, &index, 2);
	connection = table_insert(&table, 7);
	assert_non_null(connection);
	assert_int_equal(connection->fd, 7);
	assert_null(connection->blocks[0]);
	assert_null(connection->blocks[1]);
	assert_ptr_equal(table_find(&table, 7), connection);
	assert_null(table_find(&table, 6));
	assert_null(table_find(&table, 1000000));
	assert_null(table_find(&table, -1));
	table_remove(&table, 7);
	assert_null(table_find(&table, 7));
	assert_int_equal(table.count, 0);
	table_free(&table);
	index_free(&index);
}

static void a_new_connection_has_a_new_serial(void **state)
{
	struct index index;
	struct table table;
	uint32_t first;

	(void)state;
	index_init(&index);
	table_init(&table, &index, 0);
	first = table_insert(&table, 5)->serial;
	table_remove(&table, 5);
	assert_int_not_equal(table_insert(&table, 5)->serial, first);
	table_free(&table);
	index_free(&index);
}

#define FDS 3000

/* Against the plainest model: an array by descriptor. */
static void agrees_with_a_model(void **state)
{
	void *model[FDS] = { 0 };
	struct index index;
	struct table table;
	uint32_t count = 0;

	(void)state;
	srand(1);
	index_init(&index);
	table_init(&table, &index, 1);
	for (int step = 0; step < 200000; step++) {
		int fd = rand() % FDS;

		if (model[fd]) {
			assert_ptr_equal(table_find(&table, fd)->blocks[0], model[fd]);
			table_remove(&table, fd);
			model[fd] = NULL;
			count--;
		} else {
			model[fd] = (void *)(uintptr_t)(step + 1);
			table_insert(&table, fd)->blocks[0] = model[fd];
			count++;
		}
		table_trim(&table);
		assert_int_equal(table.count, count);
	}
	for (uint32_t i = 0; i < table.count; i++)
		assert_ptr_equal(table_at(&table, i)->blocks[0], model[table_at(&table, i)->fd]);
	table_free(&table);
	index_free(&index);
}

static void survivors_do_not_hold_it(void **state)
{
	struct index index;
	struct table table;

	(void)state;
	index_init(&index);
	table_init(&table, &index, 0);
	for (int fd = 10; fd < 10010; fd++)
		assert_non_null(table_insert(&table, fd));
	assert_true(table_held(&table) + index_held(&index) <= 10000 * 32);
	for (int fd = 10; fd < 10010; fd++)
		if (fd % 100)
			table_remove(&table, fd);
	table_trim(&table);
	assert_int_equal(table.count, 100);
	assert_true(table_held(&table) + index_held(&index) <= 64 << 10);
	for (int fd = 100; fd < 10010; fd += 100)
		table_remove(&table, fd);
	table_trim(&table);
	assert_true(table_held(&table) + index_held(&index) <= 4 * 4096);
	table_free(&table);
	index_free(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_inserted),
		cmocka_unit_test(a_new_connection_has_a_new_serial),
		cmocka_unit_test(agrees_with_a_model),
		cmocka_unit_test(survivors_do_not_hold_it),
	};

	return unit_main(tests);
}
