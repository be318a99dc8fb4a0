/*
 * bill.c - what the server's connections cost the kernel. See bill.h.
 */
#include "probes/bill.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "probes/addresses.h"
#include "probes/names.h"
#include "probes/sockdiag.h"
#include "server/base/clock.h"
#include "server/base/units.h"

#define SIZES	  16384 /* as many as the map holds */
#define ENDPOINTS 64
#define TEXT	  16384 /* room for iters/bill */

struct size {
	struct bill_key key;
	uint64_t connections;
};

struct bill_reader {
	const struct programs *programs;
	const char *program;
	enum bill_source source;
	int map;
	struct endpoint endpoints[ENDPOINTS]; /* this and the addresses: for sock_diag */
	size_t endpoint_count;
	int error; /* why they are not known; 0: they are */
	struct address *addresses;
	size_t address_count;
	struct losses losses;
	size_t count;
	struct size sizes[SIZES];
	char text[TEXT];
};

/* An address that is not known costs the client ends there, and no more. */
static void find_addresses(struct bill_reader *reader)
{
	int map = programs_map(reader->programs, "addresses");
	int count = addresses_list(&reader->addresses);
	uint32_t one = 1;

	reader->address_count = count > 0 ? (size_t)count : 0;
	if (count < 0)
		reader->losses.addresses_full++;
	for (size_t i = 0; map >= 0 && i < reader->address_count; i++)
		if (bpf_map_update_elem(map, &reader->addresses[i], &one, BPF_ANY))
			reader->losses.addresses_full++;
}

static void find_endpoints(struct bill_reader *reader, uint32_t pid)
{
	int count = sockdiag_endpoints(pid, reader->endpoints, ENDPOINTS);

	reader->error = count < 0 ? count : 0;
	reader->endpoint_count = count > 0 ? (size_t)count : 0;
	if (reader->endpoint_count > ENDPOINTS) {
		reader->losses.endpoints_full = reader->endpoint_count - ENDPOINTS;
		reader->endpoint_count = ENDPOINTS;
	}
}

struct bill_reader *bill_reader_new(const struct programs *programs, uint32_t pid)
{
	struct bill_reader *reader = calloc(1, sizeof(*reader));

	if (!reader)
		return NULL;
	reader->programs = programs;
	reader->map = programs_map(programs, "bill");
	find_addresses(reader);
	if (programs_attached(programs, "bill_table")) {
		reader->program = "bill_table";
		reader->source = BILL_EXACT;
	} else if (programs_attached(programs, "bill_estimate")) {
		reader->program = "bill_estimate";
		reader->source = BILL_ESTIMATED;
	} else {
		reader->source = BILL_QUEUES;
		find_endpoints(reader, pid);
	}
	return reader;
}

const struct losses *bill_reader_losses(const struct bill_reader *reader)
{
	return &reader->losses;
}

void bill_reader_free(struct bill_reader *reader)
{
	if (reader)
		free(reader->addresses);
	free(reader);
}

static int compare(const void *left, const void *right)
{
	const struct bill_key *a = left, *b = right;

	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	if (a->role != b->role)
		return a->role < b->role ? -1 : 1;
	return a->bytes < b->bytes ? -1 : a->bytes > b->bytes;
}

static void read_map(struct bill_reader *reader)
{
	const struct bill_key *before = NULL;
	struct bill_count same;

	while (reader->count < SIZES) {
		struct size *size = &reader->sizes[reader->count];

		if (bpf_map_get_next_key(reader->map, before, &size->key))
			return;
		before = &size->key;
		if (!bpf_map_lookup_elem(reader->map, before, &same)) {
			size->connections = same.connections;
			reader->count++;
		}
	}
}

/* How many connections the end has; those that have nothing in a role are not in the map. */
static uint64_t connections_of(const struct size *sizes, size_t count, enum bill_end end)
{
	uint64_t connections = 0;

	for (size_t i = 0; i < count; i++)
		if (sizes[i].key.end == end && sizes[i].key.role == ROLE_CONNECTION)
			connections += sizes[i].connections;
	return connections;
}

/* The sizes of one end and role, ascending, out of all connections of that end. */
static void sum_up(struct bill_line *line, const struct size *sizes, size_t count, uint64_t all)
{
	uint64_t seen;

	for (size_t i = 0; i < count; i++) {
		line->connections += sizes[i].connections;
		line->total += sizes[i].connections * sizes[i].key.bytes;
	}
	line->most = sizes[count - 1].key.bytes;
	line->least = line->connections < all ? 0 : sizes[0].key.bytes;
	seen = all - line->connections;
	for (size_t i = 0; i < count && seen <= (all - 1) / 2; i++) {
		seen += sizes[i].connections;
		line->median = sizes[i].key.bytes;
	}
}

static void sum_up_all(struct bill *bill, const struct size *sizes, size_t count)
{
	uint64_t all[ENDS];

	for (int end = 0; end < ENDS; end++)
		all[end] = connections_of(sizes, count, (enum bill_end)end);
	for (size_t first = 0, next; first < count; first = next) {
		const struct bill_key *key = &sizes[first].key;

		for (next = first + 1; next < count && sizes[next].key.end == key->end &&
				       sizes[next].key.role == key->role;
		     next++)
			;
		sum_up(&bill->lines[key->end][key->role], sizes + first, next - first,
		       all[key->end]);
	}
}

/* --- from eBPF ---------------------------------------------------------------------------------
 */

static size_t count_endpoints(const struct bill_reader *reader)
{
	int map = programs_map(reader->programs, "endpoints");
	struct endpoint endpoint, *before = NULL;
	size_t count = 0;

	for (; !bpf_map_get_next_key(map, before, &endpoint); before = &endpoint)
		count++;
	return count;
}

static int walk(struct bill_reader *reader)
{
	int64_t length = programs_read(reader->programs, "find_endpoints", NULL, 0);

	if (length >= 0)
		length = programs_read(reader->programs, reader->program, reader->text, TEXT);
	if (length < 0)
		return (int)length;
	reader->endpoint_count = count_endpoints(reader);
	/* A reading that another one has overtaken says so instead. */
	return strncmp(reader->text, "END ", 4) ? -EAGAIN : 0;
}

/* --- from sock_diag ----------------------------------------------------------------------------
 */

static bool is_listed(const struct bill_reader *reader, const struct endpoint *endpoint)
{
	for (size_t i = 0; i < reader->endpoint_count; i++)
		if (!memcmp(&reader->endpoints[i], endpoint, sizeof(*endpoint)))
			return true;
	return false;
}

static bool is_local(const struct bill_reader *reader, const struct address *address)
{
	if (is_loopback(address))
		return true;
	for (size_t i = 0; i < reader->address_count; i++)
		if (!memcmp(&reader->addresses[i], address, sizeof(*address)))
			return true;
	return false;
}

static bool is_served(const struct bill_reader *reader, const struct endpoint *endpoint)
{
	struct endpoint any = { .port = endpoint->port };

	return is_listed(reader, endpoint) || is_listed(reader, &any);
}

/* As is_served_here() of endpoints.bpf.h. */
static bool is_served_here(const struct bill_reader *reader, const struct endpoint *endpoint)
{
	struct endpoint any = { .port = endpoint->port };

	return is_listed(reader, endpoint) ||
	       (is_listed(reader, &any) && is_local(reader, &endpoint->address));
}

static void add(struct bill_reader *reader, struct bill_key key)
{
	size_t i = 0;

	while (i < reader->count && memcmp(&reader->sizes[i].key, &key, sizeof(key)))
		i++;
	if (i == SIZES) {
		reader->losses.bill_full++;
		return;
	}
	if (i == reader->count)
		reader->sizes[reader->count++] = (struct size){ .key = key };
	reader->sizes[i].connections++;
}

static void add_socket(void *context, const struct sockdiag_socket *socket)
{
	struct bill_reader *reader = context;
	uint32_t sum = socket->receive_queue + socket->send_queue;
	enum bill_end end = END_SERVER;

	/* As in bill.bpf.c, also those that nobody has open yet or any more. */
	if (socket->state == SOCKDIAG_LISTEN || !socket->whole)
		return;
	if (!is_served(reader, &socket->local)) {
		end = END_CLIENT;
		if (!is_served_here(reader, &socket->remote))
			return;
	}
	add(reader, (struct bill_key){ end, ROLE_CONNECTION, sum });
	if (socket->receive_queue)
		add(reader, (struct bill_key){ end, ROLE_RECEIVE_QUEUE, socket->receive_queue });
	if (socket->send_queue)
		add(reader, (struct bill_key){ end, ROLE_SEND_QUEUE, socket->send_queue });
	if (socket->forward_alloc)
		add(reader, (struct bill_key){ end, ROLE_FORWARD_ALLOC, socket->forward_alloc });
}

/* -----------------------------------------------------------------------------------------------
 */

int bill_read(struct bill_reader *reader, struct bill *bill)
{
	int error = reader->error;

	memset(bill, 0, sizeof(*bill));
	bill->source = reader->source;
	bill->time = clock_now();
	reader->count = 0;
	if (!error)
		error = reader->source == BILL_QUEUES ? sockdiag_each(add_socket, reader)
						      : walk(reader);
	if (error)
		return error;
	bill->cost = clock_now() - bill->time;
	bill->endpoints = reader->endpoint_count;
	if (reader->source != BILL_QUEUES)
		read_map(reader);
	qsort(reader->sizes, reader->count, sizeof(reader->sizes[0]), compare);
	sum_up_all(bill, reader->sizes, reader->count);
	return 0;
}

static void print_line(FILE *file, enum bill_end end, enum bill_role role,
		       const struct bill_line *line)
{
	fprintf(file,
		"%-6s  %-15s %11" PRIu64 " %13" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 "\n",
		bill_end_names[end], bill_role_names[role], line->connections, line->total,
		line->least, line->median, line->most);
}

void bill_print(const struct bill *bill, FILE *file)
{
	static const char *const remarks[] = {
		[BILL_EXACT] = "",
		[BILL_ESTIMATED] = "; object sizes are estimates, this kernel cannot be asked",
		[BILL_QUEUES] = ("; queues only, from sock_diag: without eBPF the objects behind "
				 "them are not known"),
	};
	char cost[32];

	fprintf(file, "end     role            connections   total bytes    least   median     "
		      "most\n");
	for (int end = 0; end < ENDS; end++) {
		for (int role = 0; role < ROLES; role++)
			if (bill->lines[end][role].connections)
				print_line(file, (enum bill_end)end, (enum bill_role)role,
					   &bill->lines[end][role]);
		if (!bill->lines[end][ROLE_CONNECTION].connections)
			fprintf(file, "%-6s  no connections\n", bill_end_names[end]);
	}
	fprintf(file, "read in %s%s\n", format_duration(cost, sizeof(cost), (double)bill->cost),
		remarks[bill->source]);
}
