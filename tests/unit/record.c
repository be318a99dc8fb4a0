/* record.c - what is written is read back, and damage is named by its line. */
#include "server/base/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const char *path_of(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/tidemark-record-%d.csv", getpid());
	return path;
}

static int load(const struct record_kind *kind, void **rows, size_t *count, size_t *line)
{
	return record_load(kind, path_of(), rows, count, line);
}

static void write_phases(const struct phase *phases, size_t count)
{
	FILE *file = fopen(path_of(), "w");

	assert_int_equal(record_begin(&record_phases, file), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(record_append(&record_phases, file, &phases[i]), 0);
	fclose(file);
}

static void append_text(const char *text)
{
	FILE *file = fopen(path_of(), "a");

	fputs(text, file);
	fclose(file);
}

static void rows_come_back(void **state)
{
	struct phase phases[2] = {
		{ .name = "burst", .number = 1, .start = 5, .wanted = 10000 },
		{ .name = "window", .number = 1, .established = RECORD_ABSENT }
	};
	struct phase *read;
	size_t count, line;

	(void)state;
	write_phases(phases, 2);
	assert_int_equal(load(&record_phases, (void **)&read, &count, &line), 0);
	assert_int_equal(count, 2);
	assert_memory_equal(read, phases, sizeof(phases));
	free(read);
	unlink(path_of());
}

static void many_rows_keep_their_order(void **state)
{
	FILE *file = fopen(path_of(), "w");
	struct sample *read;
	size_t count, line;

	(void)state;
	record_begin(&record_samples, file);
	for (uint64_t i = 0; i < 1000; i++) {
		struct sample sample = { .time = i, .heap_free = UINT64_MAX - 1 - i };

		record_append(&record_samples, file, &sample);
	}
	fclose(file);
	assert_int_equal(load(&record_samples, (void **)&read, &count, &line), 0);
	assert_int_equal(count, 1000);
	for (uint64_t i = 0; i < 1000; i++) {
		assert_true(read[i].time == i);
		assert_true(read[i].heap_free == UINT64_MAX - 1 - i);
	}
	free(read);
	unlink(path_of());
}

static void damage_is_named(void **state)
{
	static const char *const damages[] = {
		"burst,1,2\n",						    /* too few fields */
		"burst,1,x,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6\n",  /* not a number */
		"burst,-1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6\n", /* below 0 */
		"burst,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6",    /* cut off */
		"burst,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7\n",
		"burst,99999999999999999999,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6\n",
		"aPhaseWithANameOfMoreThanThirtyTwo,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6\n",
	};
	struct phase good = { .name = "burst" };
	void *rows;
	size_t count, line;

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		write_phases(&good, 1);
		append_text(damages[i]);
		assert_int_equal(load(&record_phases, &rows, &count, &line), -EBADMSG);
		assert_int_equal(line, 4);
		assert_null(rows);
	}
	unlink(path_of());
}

static void other_records_are_refused(void **state)
{
	struct phase good = { .name = "burst" };
	void *rows;
	size_t count, line;

	(void)state;
	write_phases(&good, 1);
	assert_int_equal(load(&record_samples, &rows, &count, &line), -EPROTO);
	unlink(path_of());
	append_text("# tidemark phases 999 boot_id=x\nphase,number\n");
	assert_int_equal(load(&record_phases, &rows, &count, &line), -EPROTO);
	unlink(path_of());
	append_text("");
	assert_int_equal(load(&record_phases, &rows, &count, &line), -EPROTO);
	unlink(path_of());
	assert_int_equal(load(&record_phases, &rows, &count, &line), -ENOENT);
}

static void a_full_disk_is_an_error(void **state)
{
	FILE *full = fopen("/dev/full", "w");
	struct sample sample = { 0 };
	int error = 0;

	(void)state;
	assert_non_null(full);
	for (int i = 0; i < 10000 && !error; i++)
		error = record_append(&record_samples, full, &sample);
	assert_int_equal(error, -EIO);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back),
		cmocka_unit_test(many_rows_keep_their_order),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(other_records_are_refused),
		cmocka_unit_test(a_full_disk_is_an_error),
	};

	return unit_main(tests);
}
