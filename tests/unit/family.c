/* family.c - the processes of a server, and what rollups make of all of them. */
#include "probes/family.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probes/procfs.h"
#include "tests/unit/unit.h"

#define HELD (8u << 20) /* bytes of the child that may go */

struct fixture {
	pid_t child;
	struct family family;
	struct procfs procfs;
};

/* Holds memory that the kernel may take, and waits for its end. */
static void hold(int ready)
{
	char *memory = mmap(NULL, HELD, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	memset(memory, 1, HELD);
	if (madvise(memory, HELD, MADV_FREE) || write(ready, "", 1) != 1)
		_exit(1);
	pause();
	_exit(0);
}

static int begin(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	int ready[2];
	char byte;

	if (!fixture || pipe(ready))
		return -1;
	fixture->child = unit_fork();
	if (!fixture->child)
		hold(ready[1]);
	close(ready[1]);
	if (fixture->child < 0 || read(ready[0], &byte, 1) != 1)
		return -1;
	close(ready[0]);
	*state = fixture;
	return family_open(&fixture->family, (uint32_t)getpid()) ||
	       procfs_open(&fixture->procfs, (uint32_t)getpid());
}

static int end(void **state)
{
	struct fixture *fixture = *state;

	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	family_close(&fixture->family);
	procfs_close(&fixture->procfs);
	free(fixture);
	return 0;
}

static void children_are_found_at_once(void **state)
{
	const struct fixture *fixture = *state;

	assert_int_equal(fixture->family.count, 2);
	assert_int_equal(fixture->family.list[1].pid, fixture->child);
}

static void what_children_hold_is_added(void **state)
{
	const struct fixture *fixture = *state;
	struct rollup before, after;

	assert_int_equal(procfs_rollup(&fixture->procfs, &before), 0);
	after = before;
	assert_int_equal(procfs_add_smaps(&fixture->family, 1, &after), 0);
	assert_true(after.anon >= before.anon + HELD);
	assert_true(after.rss >= before.rss + HELD);
	/* Some pages are still on their way to that list. */
	assert_true(after.lazyfree >= before.lazyfree + HELD / 4 * 3);
	assert_true(after.swap >= before.swap && after.swap != RECORD_ABSENT);
}

static void what_cannot_be_read_is_unknown(void **state)
{
	struct fixture *fixture = *state;
	struct rollup rollup;

	assert_int_equal(procfs_rollup(&fixture->procfs, &rollup), 0);
	close(fixture->family.list[1].smaps);
	fixture->family.list[1].smaps = -1;
	assert_int_equal(procfs_add_smaps(&fixture->family, 1, &rollup), -EACCES);
	assert_true(rollup.lazyfree == RECORD_ABSENT);
	assert_true(rollup.anon == RECORD_ABSENT);
	/* That stands in status, too. */
	assert_true(rollup.swap != RECORD_ABSENT);
}

static void who_has_ended_adds_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct rollup before, after;

	kill(fixture->child, SIGKILL);
	waitpid(fixture->child, NULL, 0);
	assert_int_equal(procfs_rollup(&fixture->procfs, &before), 0);
	after = before;
	assert_int_equal(procfs_add_smaps(&fixture->family, 1, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
}

#define with_child(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		with_child(children_are_found_at_once),
		with_child(what_children_hold_is_added),
		with_child(what_cannot_be_read_is_unknown),
		with_child(who_has_ended_adds_nothing),
	};

	return unit_main(tests);
}
