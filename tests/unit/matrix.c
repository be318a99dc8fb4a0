/* matrix.c - every block of an experiment holds each cell once, and a seed gives one order. */
#include "analysis/matrix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const char *const programs[] = { "server-a", "server-b", "server-c", "server-c@dev" };

static int make_folder(void **state)
{
	char *folder = strdup("/tmp/tidemark-matrix.XXXXXX");
	char path[128];

	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, programs[i]);
		close(open(path, O_CREAT | O_WRONLY, 0755));
	}
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	char path[128];

	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", (char *)*state, programs[i]);
		unlink(path);
	}
	rmdir(*state);
	free(*state);
	return 0;
}

static void every_block_holds_each_cell_once(void **state)
{
	struct matrix matrix;
	char why[MATRIX_WHY];

	assert_int_equal(matrix_build(&matrix, *state, NULL, "native,quiet=1s", 20, 7, why), 0);
	/* Labelled builds are for those who name them. */
	assert_int_equal(matrix.count, 3 * 2 * 20);
	for (size_t block = 0; block < 20; block++) {
		unsigned int seen = 0;

		for (size_t i = 0; i < 6; i++) {
			const struct cell *cell = &matrix.cells[block * 6 + i];

			assert_int_equal(cell->repeat, block + 1);
			seen |= 1u << ((unsigned int)(cell->allocator[0] - 'a') * 2 +
				       (cell->release[0] == 'q'));
		}
		assert_int_equal(seen, 0x3f);
	}
	matrix_free(&matrix);
}

static int same_order(const struct matrix *a, const struct matrix *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->cells[i].allocator, b->cells[i].allocator) ||
		    strcmp(a->cells[i].release, b->cells[i].release))
			return 0;
	return 1;
}

static void a_seed_gives_one_order(void **state)
{
	struct matrix a, b, c;
	char why[MATRIX_WHY];

	matrix_build(&a, *state, "a,b,c", "native,close", 10, 1, why);
	matrix_build(&b, *state, "a,b,c", "native,close", 10, 1, why);
	matrix_build(&c, *state, "a,b,c", "native,close", 10, 2, why);
	assert_true(same_order(&a, &b));
	assert_false(same_order(&a, &c));
	matrix_free(&a);
	matrix_free(&b);
	matrix_free(&c);
}

static void the_control_is_added(void **state)
{
	struct matrix matrix;
	char why[MATRIX_WHY];

	assert_int_equal(matrix_build(&matrix, *state, "c@dev", "close", 1, 1, why), 0);
	assert_true(matrix.control_added);
	assert_int_equal(matrix.count, 2);
	assert_string_equal(matrix.cells[0].allocator, "c@dev");
	matrix_free(&matrix);
}

static void bad_lists_are_named(void **state)
{
	struct matrix matrix;
	char why[MATRIX_WHY];

	assert_int_equal(matrix_build(&matrix, *state, "a,bb", "native", 1, 1, why), -EINVAL);
	assert_non_null(strstr(why, "there is no 'bb'; did you mean b?"));
	assert_int_equal(matrix_build(&matrix, *state, "a,,b", "native", 1, 1, why), -EINVAL);
	assert_non_null(strstr(why, "--allocators 'a,,b': an empty name"));
	assert_int_equal(matrix_build(&matrix, *state, "a", "native,", 1, 1, why), -EINVAL);
	assert_non_null(strstr(why, "--release 'native,': an empty name"));
	assert_int_equal(matrix_build(&matrix, "/nowhere", NULL, "native", 1, 1, why), -ENOENT);
	assert_non_null(strstr(why, "run make"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_block_holds_each_cell_once),
		cmocka_unit_test(a_seed_gives_one_order),
		cmocka_unit_test(the_control_is_added),
		cmocka_unit_test(bad_lists_are_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
