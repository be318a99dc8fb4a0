/* matrix.c - every block of an experiment holds each cell once, and a seed gives one order. */
#include "analysis/matrix.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const char *const programs[] = { "server-a", "server-b", "server-c", "server-c@dev",
					"server-preload" };

#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

static int make_folder(void **state)
{
	char *folder = strdup("/tmp/tidemark-matrix.XXXXXX");
	char path[128];

	assert_non_null(mkdtemp(folder));
	for (size_t i = 0; i < PROGRAMS; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, programs[i]);
		close(open(path, O_CREAT | O_WRONLY, 0755));
	}
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	char path[128];

	for (size_t i = 0; i < PROGRAMS; i++) {
		snprintf(path, sizeof(path), "%s/%s", (char *)*state, programs[i]);
		unlink(path);
	}
	rmdir(*state);
	free(*state);
	return 0;
}

/* Splits a command line at blanks and builds its matrix. */
static int build(struct matrix *matrix, const char *folder, const char *line, char why[MATRIX_WHY])
{
	struct run_options options;
	char *words[64] = { "run" };
	char text[512];
	char *rest = text;
	int count = 1;

	snprintf(text, sizeof(text), "%s", line);
	while ((words[count] = strsep(&rest, " ")))
		count++;
	assert_int_equal(run_options_parse(&options, count, words, why), 0);
	return matrix_build(matrix, folder, &options, why);
}

static void build_well(struct matrix *matrix, const char *folder, const char *line)
{
	char why[MATRIX_WHY];

	if (build(matrix, folder, line, why))
		fail_msg("%s: %s", line, why);
}

static void refuse(const char *folder, const char *line, const char *text)
{
	struct matrix matrix;
	char why[MATRIX_WHY];

	assert_true(build(&matrix, folder, line, why) < 0);
	if (!strstr(why, text))
		fail_msg("%s: %s", line, why);
	assert_null(strchr(why, '\n'));
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
	for (int i = 0; i < CELL_FACTORS; i++)
		if (strcmp(a->values[i], b->values[i]) != 0)
			return false;
	return true;
}

static void assert_blocks(const struct matrix *matrix, size_t size)
{
	assert_int_equal(matrix->count % size, 0);
	for (size_t i = 0; i < matrix->count; i++) {
		const struct cell *block = matrix->cells + i / size * size;
		size_t copies = 0;

		assert_int_equal(matrix->cells[i].repeat, i / size + 1);
		for (size_t j = 0; j < size; j++)
			copies += same_cell(&matrix->cells[i], &block[j]);
		assert_int_equal(copies, 1);
	}
}

static void every_block_holds_each_cell_once(void **state)
{
	struct matrix matrix;

	/* Labelled builds are for those who name them. */
	build_well(&matrix, *state, "--release native,quiet=1s --repeat 20 --seed 7");
	assert_int_equal(matrix.count, 3 * 2 * 20);
	assert_blocks(&matrix, 6);
	matrix_free(&matrix);
}

static void all_factors_multiply(void **state)
{
	struct matrix matrix;

	build_well(&matrix, *state,
		   "--allocators a,c@dev --release native --tune x=1,y=2 --footprint 64,256 "
		   "--footprint session --survivors 0,1%,5% --survivors-order scattered,newest "
		   "--memory-limit none,64M --trickle on,off --repeat 3");
	assert_int_equal(matrix.count, 2 * 1 * 2 * 2 * 3 * 2 * 2 * 2 * 3);
	assert_blocks(&matrix, 2 * 1 * 2 * 2 * 3 * 2 * 2 * 2);
	assert_string_equal(matrix.values[CELL_FOOTPRINT].items[0], "64,256");
	assert_string_equal(matrix.values[CELL_LIMIT].items[1], "67108864");
	matrix_free(&matrix);
}

static bool same_order(const struct matrix *a, const struct matrix *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (!same_cell(&a->cells[i], &b->cells[i]))
			return false;
	return a->count == b->count;
}

static void a_seed_gives_one_order(void **state)
{
	static const char line[] = "--allocators a,b,c --release native,close --repeat 10 --seed";
	char text[128];
	struct matrix matrices[3];
	static const int seeds[] = { 1, 1, 2 };

	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s %d", line, seeds[i]);
		build_well(&matrices[i], *state, text);
	}
	assert_true(same_order(&matrices[0], &matrices[1]));
	assert_false(same_order(&matrices[0], &matrices[2]));
	for (int i = 0; i < 3; i++)
		matrix_free(&matrices[i]);
}

static void controls_are_added(void **state)
{
	struct matrix matrix;

	build_well(&matrix, *state, "--allocators c@dev --release close");
	assert_true(matrix.control_added[CELL_RELEASE]);
	assert_false(matrix.control_added[CELL_TUNE]);
	assert_int_equal(matrix.count, 2);
	assert_string_equal(matrix.cells[0].values[CELL_ALLOCATOR], "c@dev");
	matrix_free(&matrix);

	build_well(&matrix, *state, "--allocators a --tune x=1");
	assert_false(matrix.control_added[CELL_RELEASE]);
	assert_true(matrix.control_added[CELL_TUNE]);
	assert_int_equal(matrix.count, 2);
	matrix_free(&matrix);

	build_well(&matrix, *state, "--allocators a --tune x=1 --tune=");
	assert_false(matrix.control_added[CELL_TUNE]);
	matrix_free(&matrix);
}

/* A set for c is for c@dev as well, one for c@dev not for c. */
static void a_set_may_be_for_one_allocator(void **state)
{
	struct matrix matrix;
	size_t sets = 0;

	build_well(&matrix, *state, "--allocators a,c,c@dev --tune c:x=1 --tune c@dev:z=2,y=3");
	assert_int_equal(matrix.count, 3 + 2 + 1);
	for (size_t i = 0; i < matrix.count; i++) {
		const char *const *values = matrix.cells[i].values;

		if (!*values[CELL_TUNE])
			continue;
		sets++;
		assert_string_not_equal(values[CELL_ALLOCATOR], "a");
		if (strcmp(values[CELL_TUNE], "z=2,y=3") != 0)
			assert_string_equal(values[CELL_TUNE], "x=1");
		else
			assert_string_equal(values[CELL_ALLOCATOR], "c@dev");
	}
	assert_int_equal(sets, 3);
	matrix_free(&matrix);
}

static void how_it_shares_connections_out_is_unknown(const char *folder)
{
	struct matrix matrix, resumed;
	json_t *order;

	build_well(&matrix, folder, "--allocators none --arch multi --workers 2 --server x={port}");
	assert_int_equal(matrix.count, 1);
	assert_string_equal(matrix.cells[0].name, "x, native");
	order = matrix_order(&matrix);
	assert_true(json_is_null(json_object_get(json_array_get(order, 0), "arch")));
	assert_true(json_is_null(json_object_get(json_array_get(order, 0), "workers")));
	assert_int_equal(matrix_from_order(&resumed, order), 0);
	json_decref(order);
	matrix_free(&resumed);
	matrix_free(&matrix);
}

/* It stands beside native and the defaults only: there is nothing else that it could be told. */
static void a_server_that_is_not_ours_is_one_cell(void **state)
{
	struct matrix matrix;
	size_t foreign = 0;

	build_well(&matrix, *state,
		   "--allocators a --release quiet=1s --tune x=1 --footprint 64 --footprint 256 "
		   "--survivors 0,1% --server mine={port}");
	assert_int_equal(matrix.count, 2 * 2 * 2 * 2 + 2);
	for (size_t i = 0; i < matrix.count; i++) {
		const struct cell *cell = &matrix.cells[i];

		if (!cell->command)
			continue;
		foreign++;
		assert_string_equal(cell->command, "{port}");
		assert_string_equal(cell->values[CELL_ALLOCATOR], "mine");
		assert_string_equal(cell->values[CELL_RELEASE], "native");
		assert_string_equal(cell->values[CELL_TUNE], "");
		assert_string_equal(cell->values[CELL_FOOTPRINT], "64");
	}
	assert_int_equal(foreign, 2);
	matrix_free(&matrix);
	how_it_shares_connections_out_is_unknown(*state);

	build_well(&matrix, *state, "--allocators none --server mine={port}");
	assert_int_equal(matrix.count, 1);
	matrix_free(&matrix);
}

/* A shared library that is there wherever this runs; none of these is loaded. */
static const char *some_library(void)
{
	static char path[PATH_MAX];
	Dl_info info;

	assert_true(dladdr(dlsym(RTLD_DEFAULT, "gnu_get_libc_version"), &info) != 0);
	assert_non_null(realpath(info.dli_fname, path));
	return path;
}

static void a_library_is_preloaded_into_its_cells_only(void **state)
{
	struct matrix matrix, read;
	char line[2 * PATH_MAX + 64];
	json_t *order;
	size_t libraries = 0;

	snprintf(line, sizeof(line),
		 "--allocators preload:%s,a,preload:mine=%s --release quiet=1s --server x={port}",
		 some_library(), some_library());
	build_well(&matrix, *state, line);
	assert_int_equal(matrix.count, 3 * 2 + 1);
	snprintf(line, sizeof(line), "preload:%s", strrchr(some_library(), '/') + 1);
	assert_string_equal(matrix.values[CELL_ALLOCATOR].items[0], line);
	for (size_t i = 0; i < matrix.count; i++) {
		const struct cell *cell = &matrix.cells[i];
		bool preload = !strncmp(cell->values[CELL_ALLOCATOR], "preload:", 8);

		assert_int_equal(cell->library != NULL, preload);
		if (!preload)
			continue;
		libraries++;
		assert_string_equal(cell->library, some_library());
	}
	assert_int_equal(libraries, 4);
	assert_non_null(list_find(&matrix.values[CELL_ALLOCATOR], "preload:mine"));

	order = matrix_order(&matrix);
	assert_int_equal(matrix_from_order(&read, order), 0);
	assert_true(same_order(&matrix, &read));
	for (size_t i = 0; i < matrix.count; i++)
		if (matrix.cells[i].library)
			assert_string_equal(matrix.cells[i].library, read.cells[i].library);
		else
			assert_null(read.cells[i].library);
	json_decref(order);
	matrix_free(&read);
	matrix_free(&matrix);
}

static void what_cannot_be_preloaded_is_named(void **state)
{
	char line[2 * PATH_MAX + 64];

	refuse(*state, "--allocators preload", "--allocators preload: which library?");
	refuse(*state, "--allocators preload:", "which library?");
	refuse(*state, "--allocators preload:/no/such.so", "/no/such.so: No such file");
	refuse(*state, "--allocators preload:x=/etc/passwd", "it is not a shared library");
	refuse(*state, "--allocators preload:/etc", "it is not a shared library");
	snprintf(line, sizeof(line), "--allocators preload:%s,preload:%s", some_library(),
		 some_library());
	refuse(*state, line, "stands there twice; give it once, or another library a name");
}

static void the_order_survives_its_file(void **state)
{
	struct matrix matrix, read;
	json_t *order;

	build_well(&matrix, *state,
		   "--allocators a,c --tune c:x=1,y=2 --memory-limit none,64M --trickle on,off "
		   "--repeat 2 --server mine={port}");
	order = matrix_order(&matrix);
	assert_int_equal(matrix_from_order(&read, order), 0);
	assert_true(same_order(&matrix, &read));
	for (size_t i = 0; i < matrix.count; i++) {
		assert_int_equal(matrix.cells[i].repeat, read.cells[i].repeat);
		assert_string_equal(matrix.cells[i].name, read.cells[i].name);
		assert_int_equal(!matrix.cells[i].command, !read.cells[i].command);
	}
	matrix_free(&read);
	json_object_del(json_array_get(order, 1), "footprint");
	assert_int_equal(matrix_from_order(&read, order), -EINVAL);
	json_array_clear(order);
	assert_int_equal(matrix_from_order(&read, order), -EINVAL);
	json_decref(order);
	matrix_free(&matrix);
}

static void bad_lists_are_named(void **state)
{
	refuse(*state, "--allocators a,bb", "there is no 'bb'; did you mean b?");
	refuse(*state, "--allocators a,,b", "--allocators 'a,,b': an empty name");
	refuse(*state, "--allocators a --release native,", "--release 'native,': an empty name");
	refuse(*state, "--allocators a,b,a", "--allocators: 'a' stands there twice");
	refuse(*state, "--memory-limit 64Q", "--memory-limit: '64Q' is not a size");
	refuse(*state, "--memory-limit 1M,1024K", "'1024K' stands there twice");
	refuse(*state, "--survivors 1%,half", "--survivors: 'half' is not a share");
	refuse(*state, "--trickle maybe", "--trickle: 'maybe' is not on or off");
	refuse(*state, "--allocators a --tune b:x=1", "'b' is not in this experiment");
	refuse(*state, "--server sleep", "write {port} where");
	refuse(*state, "--server a={port}", "there is a column 'a' already");
	refuse("/nowhere", "--repeat 1", "run make");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_block_holds_each_cell_once),
		cmocka_unit_test(all_factors_multiply),
		cmocka_unit_test(a_seed_gives_one_order),
		cmocka_unit_test(controls_are_added),
		cmocka_unit_test(a_set_may_be_for_one_allocator),
		cmocka_unit_test(a_server_that_is_not_ours_is_one_cell),
		cmocka_unit_test(a_library_is_preloaded_into_its_cells_only),
		cmocka_unit_test(what_cannot_be_preloaded_is_named),
		cmocka_unit_test(the_order_survives_its_file),
		cmocka_unit_test(bad_lists_are_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
