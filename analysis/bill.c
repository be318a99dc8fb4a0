/*
 * bill.c - the kernel memory of one connection. See bill.h.
 */
#include "analysis/bill.h"

#include <math.h>
#include <string.h>

#include "analysis/steady.h"

const char *const bill_item_names[BILL_ITEMS] = { "sock",   "socket inode", "file",
						  "dentry", "epoll",	    "security",
						  "queues", "io_uring",	    "other" };

const char *const bill_source_names[BILL_SOURCES + 1] = { "exact", "estimated", "queues only",
							  NULL };

static const struct {
	const char *role;
	enum bill_item item;
} roles[] = {
	{ "sock", BILL_SOCK },
	{ "socket_inode", BILL_SOCKET_INODE },
	{ "file", BILL_FILE },
	{ "dentry", BILL_DENTRY },
	{ "epitem", BILL_EPOLL },
	{ "poll_queue", BILL_EPOLL },
	{ "epoll_head", BILL_EPOLL },
	{ "security_inode", BILL_SECURITY },
	{ "security_file", BILL_SECURITY },
	{ "security_sock", BILL_SECURITY },
	{ "ring_request", BILL_RING },
	{ "ring_poll", BILL_RING },
	{ "ring_async_data", BILL_RING },
	{ "receive_queue", BILL_QUEUES },
	{ "send_queue", BILL_QUEUES },
};

#define ROLES (sizeof(roles) / sizeof(roles[0]))

static bool is_server(const struct bill_row *row)
{
	return !strcmp(row->end, "server");
}

/* The sum of the others, or reserved and not allocated: no item. */
static bool is_item(const struct bill_row *row)
{
	return strcmp(row->role, "connection") && strcmp(row->role, "forward_alloc");
}

static enum bill_item item_of(const char *role)
{
	for (size_t i = 0; i < ROLES; i++)
		if (!strcmp(roles[i].role, role))
			return roles[i].item;
	return BILL_OTHER;
}

static bool is_steady(const struct recording *recording, const struct bill_row *row)
{
	uint64_t cost = row->cost == RECORD_ABSENT ? 0 : row->cost;

	return !row->connections ||
	       steady_between(recording, row->time, row->time + cost, row->connections);
}

static const struct bill_row *find_sum(const struct recording *recording)
{
	const struct evidence *evidence = &recording->evidence;
	const struct bill_row *most = NULL;

	for (size_t i = 0; i < evidence->bill_count; i++) {
		const struct bill_row *row = &evidence->bill[i];

		if (!is_server(row) || strcmp(row->role, "connection") ||
		    row->connections == RECORD_ABSENT || row->total == RECORD_ABSENT ||
		    row->median == RECORD_ABSENT || row->source >= BILL_SOURCES)
			continue;
		if ((!most || row->connections >= most->connections) && is_steady(recording, row))
			most = row;
	}
	return most;
}

/* The next row of the bill's items from *i on, or NULL. */
static const struct bill_row *next_item(const struct bill *bill, size_t *i)
{
	while (*i < bill->evidence->bill_count) {
		const struct bill_row *row = &bill->evidence->bill[(*i)++];

		if (row->time == bill->time && is_server(row) && is_item(row) &&
		    row->total != RECORD_ABSENT)
			return row;
	}
	return NULL;
}

bool bill_find(struct bill *bill, const struct recording *recording)
{
	const struct bill_row *sum = find_sum(recording);
	const struct bill_row *row;
	size_t i = 0;

	memset(bill, 0, sizeof(*bill));
	if (!sum)
		return false;
	bill->evidence = &recording->evidence;
	bill->time = sum->time;
	bill->source = (enum bill_source)sum->source;
	bill->connections = sum->connections;
	if (!sum->connections)
		return true;
	bill->median = (double)sum->median;
	bill->total = (double)sum->total;
	while ((row = next_item(bill, &i)))
		bill->items[item_of(row->role)] += (double)row->total / (double)sum->connections;
	return true;
}

bool bill_agrees(const struct bill *a, const struct bill *b)
{
	double whole = 0;

	if (a->source != b->source || !a->connections != !b->connections)
		return false;
	for (int i = 0; i < BILL_ITEMS; i++)
		whole += a->items[i];
	for (int i = 0; i < BILL_ITEMS; i++)
		if (fabs(a->items[i] - b->items[i]) > whole / 100)
			return false;
	return true;
}

void bill_write_roles(FILE *file, const struct bill *bill, enum bill_item item)
{
	const struct bill_row *row;
	const char *comma = "";
	size_t i = 0;

	while ((row = next_item(bill, &i))) {
		if (item_of(row->role) != item)
			continue;
		fprintf(file, "%s%.0f B ", comma, (double)row->total / (double)bill->connections);
		for (const char *c = row->role; *c; c++)
			fputc(*c == '_' ? ' ' : *c, file);
		comma = ", ";
	}
}
