/*
 * million_bill.c - what a connection costs the kernel. See million_bill.h.
 */
#include "analysis/million_bill.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "analysis/child.h"
#include "server/base/clock.h"
#include "server/base/units.h"

#define PATIENCE  (20 * NS_PER_S)
#define STOP_TIME (5 * NS_PER_S)

/*
 * Not multiplied by the number of connections: what is reserved and not allocated, and the bucket
 * of a port. That is a connection's own only while one source address has that port: with a
 * million, as many addresses share it as there are. The bucket of port and address is not shared.
 */
static bool is_left_out(const char *role)
{
	return !strcmp(role, "bind_bucket") || !strcmp(role, "forward_alloc");
}

static bool has_sock(const struct million_bill *bill, size_t first)
{
	for (size_t i = first; i < bill->count; i++)
		if (!strcmp(bill->lines[i].role, "sock"))
			return true;
	return false;
}

/*
 * The end's connections: its roles, whose totals stand in the lines from first on, are of them.
 * Without eBPF there are queues at the most, which are no bill.
 */
static void close_end(struct million_bill *bill, size_t first, double connections)
{
	double sum = 0;

	if (!has_sock(bill, first)) {
		bill->count = first;
		return;
	}
	for (size_t i = first; i < bill->count; i++) {
		bill->lines[i].bytes /= connections;
		sum += bill->lines[i].bytes;
	}
	bill->pair = isnan(bill->pair) ? sum : bill->pair + sum;
}

/*
 * "server  sock  2000  5040000 ..." of bill_print(), where an end's connections come after its
 * roles.
 */
static void take_line(struct million_bill *bill, const char *line, size_t *first)
{
	struct million_bill_line *next = &bill->lines[bill->count];
	double connections, total;
	char end[16], role[32];

	if (bill->count == MILLION_BILL_LINES ||
	    sscanf(line, "%15s %31s %lf %lf", end, role, &connections, &total) != 4 ||
	    connections <= 0 || is_left_out(role))
		return;
	if (!strcmp(role, "connection")) {
		close_end(bill, *first, connections);
		*first = bill->count;
		return;
	}
	snprintf(next->end, sizeof(next->end), "%s", end);
	snprintf(next->role, sizeof(next->role), "%s", role);
	next->bytes = total;
	bill->count++;
}

static void parse(struct million_bill *bill, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t first = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		take_line(bill, line, &first);
	if (file)
		fclose(file);
	bill->count = first;
}

int million_bill_read(struct million_bill *bill, const struct million *million,
		      const char *status_path)
{
	char probe[PATH_MAX + 16], out[PATH_MAX + 16], log[PATH_MAX + 16];
	const char *const command[] = { probe, "--bill", "--status", status_path, NULL };
	struct child_files files = { .out = out, .log = log };
	uint64_t until = clock_now() + PATIENCE;
	struct child child;
	int error;

	*bill = (struct million_bill){ .pair = NAN };
	snprintf(probe, sizeof(probe), "%s/probe", million->programs);
	snprintf(out, sizeof(out), "%s/bill.txt", million->directory);
	snprintf(log, sizeof(log), "%s/bill.log", million->directory);
	if (child_start(&child, command, &files))
		return 0;
	do
		error = million_wait(million, 20);
	while (!error && !child_ended(&child) && clock_now() < until);
	million_stop(million, &child, STOP_TIME);
	if (!error)
		parse(bill, out);
	return error;
}
