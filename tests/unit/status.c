/* status.c - what a reader gets of the status page is always from one moment. */
#include "server/base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const char *temporary(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/tidemark-status-%d", getpid());
	return path;
}

static void reader_sees_what_was_published(void **state)
{
	struct status_slot written = { .opened = 7, .closed = 3, .live_bytes = 4000 };
	struct status_page *writer, *reader;
	struct status_slot seen;

	(void)state;
	assert_int_equal(status_create(&writer, temporary(), 1), 0);
	status_set_port(writer, 4242);
	status_set_state(writer, STATUS_SERVING);
	status_set_about(writer, "allocator=test\n");
	status_publish(writer, 0, &written);
	assert_int_equal(status_open(&reader, temporary()), 0);
	assert_int_equal(status_read(reader, &seen), 0);
	assert_memory_equal(&seen, &written, sizeof(seen));
	assert_int_equal(status_port(reader), 4242);
	assert_int_equal(status_pid(reader), getpid());
	assert_int_equal(status_state(reader), STATUS_SERVING);
	assert_string_equal(status_about(reader), "allocator=test\n");
	status_close(reader);
	status_close(writer);
	unlink(temporary());
}

static void slots_are_summed(void **state)
{
	struct status_slot a = { .opened = 5,
				 .last_close = 10,
				 .stall_max = 3,
				 .heap_used = 8,
				 .heap_time = 1,
				 .pid = 1 };
	struct status_slot b = { .opened = 6,
				 .last_close = 20,
				 .stall_max = 2,
				 .stall_cpu_max = 4,
				 .heap_used = STATUS_ABSENT,
				 .heap_time = 2,
				 .pid = 2 };
	struct status_page *page;
	struct status_slot total;

	(void)state;
	assert_int_equal(status_create(&page, NULL, 2), 0);
	status_publish(page, 0, &a);
	status_publish(page, 1, &b);
	assert_int_equal(status_read(page, &total), 0);
	assert_int_equal(total.opened, 11);
	assert_int_equal(total.last_close, 20);
	assert_int_equal(total.stall_max, 3);
	assert_int_equal(total.stall_cpu_max, 4);
	/* A sum with an unknown part is unknown. */
	assert_true(total.heap_used == STATUS_ABSENT);
	status_close(page);
}

static void the_heap_is_of_a_process(void **state)
{
	struct status_slot older = { .heap_used = 8, .heap_time = 1, .pid = 1 };
	struct status_slot newer = { .heap_used = 5, .heap_time = 2, .pid = 1 };
	struct status_slot other = { .heap_used = 30, .heap_time = 1, .pid = 2 };
	struct status_page *page;
	struct status_slot total;

	(void)state;
	assert_int_equal(status_create(&page, NULL, 4), 0);
	status_publish(page, 0, &older);
	status_publish(page, 1, &newer);
	status_publish(page, 2, &other);
	assert_int_equal(status_read(page, &total), 0);
	assert_int_equal(total.heap_used, 35);
	status_close(page);
}

static void other_files_are_refused(void **state)
{
	struct status_page *page = NULL;
	int fd = open(temporary(), O_CREAT | O_TRUNC | O_WRONLY, 0600);

	(void)state;
	assert_int_equal(status_open(&page, temporary()), -EPROTO);
	assert_int_equal(ftruncate(fd, 8192), 0);
	assert_int_equal(status_open(&page, temporary()), -EPROTO);
	close(fd);
	unlink(temporary());
	assert_int_equal(status_open(&page, temporary()), -ENOENT);
}

struct duel {
	struct status_page *page;
	_Atomic int stop;
};

static void *write_always_equal(void *argument)
{
	struct duel *duel = argument;

	for (uint64_t n = 1; !atomic_load(&duel->stop); n++) {
		struct status_slot slot = { .opened = n, .live_bytes = n * 8956, .table_bytes = n };

		status_publish(duel->page, 0, &slot);
	}
	return NULL;
}

static void no_torn_reads(void **state)
{
	struct duel duel = { 0 };
	struct status_slot seen;
	pthread_t writer;
	uint64_t last = 0;

	(void)state;
	assert_int_equal(status_create(&duel.page, NULL, 1), 0);
	assert_int_equal(pthread_create(&writer, NULL, write_always_equal, &duel), 0);
	for (int i = 0; i < 200000; i++) {
		assert_int_equal(status_read(duel.page, &seen), 0);
		assert_int_equal(seen.live_bytes, seen.opened * 8956);
		assert_int_equal(seen.table_bytes, seen.opened);
		assert_true(seen.opened >= last);
		last = seen.opened;
	}
	atomic_store(&duel.stop, 1);
	pthread_join(writer, NULL);
	status_close(duel.page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_sees_what_was_published),
		cmocka_unit_test(slots_are_summed),
		cmocka_unit_test(the_heap_is_of_a_process),
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(no_torn_reads),
	};

	return unit_main(tests);
}
