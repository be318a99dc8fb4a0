/*
 * million_bill.c - what of a probe's bill is multiplied by the number of connections; the probe is
 * a script that says what the real one says.
 */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "analysis/million_bill.h"
#include "tests/unit/unit.h"

/* In a folder of its own, which is in million->programs afterwards. */
static void write_probe(struct million *million, const char *says)
{
	char path[PATH_MAX + 16];
	FILE *file;

	snprintf(million->programs, sizeof(million->programs), "%s/tidemark-unit.XXXXXX", P_tmpdir);
	assert_non_null(mkdtemp(million->programs));
	snprintf(million->directory, sizeof(million->directory), "%s", million->programs);
	snprintf(path, sizeof(path), "%s/probe", million->programs);
	file = fopen(path, "wx");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\ncat <<'END'\n%sEND\n", says);
	fclose(file);
	assert_int_equal(chmod(path, 0755), 0);
}

static void remove_probe(const struct million *million)
{
	static const char *const names[] = { "probe", "bill.txt", "bill.log" };
	char path[PATH_MAX + 16];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", million->programs, names[i]);
		unlink(path);
	}
	rmdir(million->programs);
}

static void read_bill(struct million_bill *bill, const char *says)
{
	struct million_signals signals = { .fd = -1 };
	struct million million = { .signals = &signals };
	int error;

	write_probe(&million, says);
	error = million_bill_read(bill, &million, "status");
	remove_probe(&million);
	assert_int_equal(error, 0);
}

static void both_ends_make_the_pair(void **state)
{
	struct million_bill bill;

	(void)state;
	read_bill(&bill, "end     role            connections   total bytes\n"
			 "server  sock                   2000       5000000\n"
			 "server  bind_bucket            2000        256000\n"
			 "server  connection             2000       5256000\n"
			 "client  sock                   2000       5000000\n"
			 "client  dentry                 2000        400000\n"
			 "client  connection             2000       5400000\n");
	assert_int_equal(bill.count, 3);
	assert_float_equal(bill.pair, 5200, 1e-9);
}

/* Of sock_diag, which it is without eBPF. */
static void queues_are_no_bill(void **state)
{
	struct million_bill bill;

	(void)state;
	read_bill(&bill, "end     role            connections   total bytes\n"
			 "server  receive_queue             1          2304\n"
			 "server  connection             2000          2304\n"
			 "client  connection             2000             0\n");
	assert_int_equal(bill.count, 0);
	assert_true(isnan(bill.pair));
}

static void a_probe_that_is_not_permitted_leaves_it_empty(void **state)
{
	struct million_bill bill;

	(void)state;
	read_bill(&bill, "");
	assert_int_equal(bill.count, 0);
	assert_true(isnan(bill.pair));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_make_the_pair),
		cmocka_unit_test(queues_are_no_bill),
		cmocka_unit_test(a_probe_that_is_not_permitted_leaves_it_empty),
	};

	return unit_main(tests);
}
