/*
 * bill.bpf.c - what a server's TCP connections cost the kernel, object by object: which sockets are
 * walked (walk.bpf.h), and what is told of them. Tracing allocations instead would charge the
 * server's sockets to the client's process where both run on one machine.
 */
#include <stdbool.h>

#include "probes/endpoints.bpf.h"
#include "probes/names.h"
#include "probes/walk.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct bill_key);
	__type(value, struct bill_count);
} bill SEC(".maps");

/* Which reading the map is from; of two at once the newer one wins. */
__u64 bill_session;

const volatile __u32 slab_page_bytes = 4096;

const volatile __u32 known_bytes[ROLES] = {};

const volatile struct layout layout = {};

__u32 asked_bytes[ROLES];

/* --- whose connection it is ----------------------------------------------------------------------
 */

/*
 * Before all else, for most sockets are of no interest: a closed burst leaves ten thousand in
 * TIME_WAIT, which are less than a socket. What the server has closed and the kernel still sends
 * is one, with all its queue.
 */
static __always_inline bool is_of_interest(struct sock_common *common)
{
	__u8 state = common->skc_state;

	if (state == TCP_LISTEN || state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV)
		return false;
	return served_ports[common->skc_num] || served_ports[__builtin_bswap16(common->skc_dport)];
}

/* Fills *connection, or returns false when it is not one of the server's. */
static __always_inline bool walk(struct sock_common *common, struct connection *connection,
				 bool exact)
{
	struct endpoint endpoint;
	struct tcp_sock *tcp;

	if (!is_of_interest(common))
		return false;
	__builtin_memset(connection, 0, sizeof(*connection));
	local_endpoint(common, &endpoint);
	connection->end = END_SERVER;
	if (!is_served(&endpoint)) {
		remote_endpoint(common, &endpoint);
		connection->end = END_CLIENT;
		if (!is_served_here(&endpoint))
			return false;
	}
	tcp = bpf_skc_to_tcp_sock(common);
	if (!tcp)
		return false;
	walk_sock(connection, tcp, exact);
	return true;
}

/* --- cat iters/bill ------------------------------------------------------------------------------
 */

static long forget(struct bpf_map *map, struct bill_key *key, struct bill_count *count, void *none)
{
	bpf_map_delete_elem(map, key);
	return 0;
}

static __always_inline void count(struct connection *connection, enum bill_role role)
{
	struct bill_key key = { connection->end, role, connection->bytes[role] };
	struct bill_count *same = bpf_map_lookup_elem(&bill, &key);
	struct bill_count first = { 1 };

	if (same)
		same->connections++;
	else if (bpf_map_update_elem(&bill, &key, &first, BPF_NOEXIST))
		count_loss(offsetof(struct losses, bill_full));
}

/* One end and role, over all connections of that end: those that have nothing there count as 0. */
struct line {
	struct bill_key of;
	__u64 all; /* connections of that end */
	__u64 connections;
	__u64 bytes;
	__u32 least;
	__u32 most;
	__u32 bound; /* of the search for the median */
	__u64 within;
};

static __always_inline bool is_on(const struct line *line, const struct bill_key *key)
{
	return key->end == line->of.end && key->role == line->of.role;
}

static long add_to_line(struct bpf_map *map, struct bill_key *key, struct bill_count *count,
			struct line *line)
{
	if (!is_on(line, key))
		return 0;
	if (!line->connections || key->bytes < line->least)
		line->least = key->bytes;
	if (key->bytes > line->most)
		line->most = key->bytes;
	line->connections += count->connections;
	line->bytes += count->connections * key->bytes;
	return 0;
}

static long count_within(struct bpf_map *map, struct bill_key *key, struct bill_count *count,
			 struct line *line)
{
	if (is_on(line, key) && key->bytes <= line->bound)
		line->within += count->connections;
	return 0;
}

/*
 * The least size that half of the connections do not exceed: by halving, for a map has no order.
 * Global, so that the verifier looks at it once and not for each line, which took it a second.
 */
__noinline __u32 median_of(const struct line *of)
{
	struct line line;
	__u32 low, high;

	if (!of)
		return 0;
	line = *of; /* a callback takes what is on the stack here */
	low = line.least;
	high = line.most;
	for (int bit = 0; bit < 32 && low < high; bit++) {
		line.bound = low + (high - low) / 2;
		line.within = line.all - line.connections;
		bpf_for_each_map_elem(&bill, count_within, &line, 0);
		if (line.within > (line.all - 1) / 2)
			high = line.bound;
		else
			low = line.bound + 1;
	}
	return low;
}

static __always_inline void print_line(struct seq_file *seq, struct line *line, const char *end,
				       const char *role)
{
	__u32 median;

	bpf_for_each_map_elem(&bill, add_to_line, line, 0);
	if (!line->connections)
		return;
	if (line->connections < line->all)
		line->least = 0;
	median = median_of(line);
	BPF_SEQ_PRINTF(seq, "%-6s %-15s %11llu %13llu %8u %8u %8u\n", end, role, line->connections,
		       line->bytes, line->least, median, line->most);
}

static __always_inline __u64 connections_of(enum bill_end end)
{
	struct line sum = { .of = { .end = end, .role = ROLE_CONNECTION } };

	bpf_for_each_map_elem(&bill, add_to_line, &sum, 0);
	return sum.connections;
}

static __always_inline void print_bill(struct seq_file *seq)
{
	__u64 all[ENDS] = { connections_of(END_SERVER), connections_of(END_CLIENT) };

	BPF_SEQ_PRINTF(seq, "END    ROLE            CONNECTIONS   TOTAL_BYTES    LEAST   MEDIAN"
			    "     MOST\n");
	/* Unrolled: the verifier does not follow an index that was in memory during a callback. */
#pragma unroll
	for (int i = 0; i < ENDS * ROLES; i++) {
		struct line line = { .of = { .end = i / ROLES, .role = i % ROLES },
				     .all = all[i / ROLES] };

		print_line(seq, &line, bill_end_names[i / ROLES], bill_role_names[i % ROLES]);
	}
}

static __always_inline int add_to_bill(struct bpf_iter__tcp *context, bool exact)
{
	__u64 session = context->meta->session_id;
	struct sock_common *sock = context->sk_common;
	struct connection connection;

	if (context->meta->seq_num == 0) {
		bill_session = session;
		bpf_for_each_map_elem(&bill, forget, NULL, 0);
	}
	if (session != bill_session) {
		if (!sock)
			BPF_SEQ_PRINTF(context->meta->seq,
				       "another reading began meanwhile; read again\n");
		return 0;
	}
	if (!sock) {
		print_bill(context->meta->seq);
		return 0;
	}
	if (!walk(sock, &connection, exact))
		return 0;
	for (int role = 0; role < ROLES; role++)
		if (connection.bytes[role])
			count(&connection, role);
	return 0;
}

SEC("iter/tcp")
int bill_table(struct bpf_iter__tcp *context)
{
	return add_to_bill(context, true);
}

SEC("iter/tcp")
int bill_estimate(struct bpf_iter__tcp *context)
{
	return add_to_bill(context, false);
}

/* --- cat iters/sockets ---------------------------------------------------------------------------
 */

static __always_inline void print_endpoint(struct seq_file *seq, struct endpoint *endpoint)
{
	__u8 *byte = endpoint->address.byte;

	if (byte[10] == 0xff && byte[11] == 0xff)
		BPF_SEQ_PRINTF(seq, " %pI4:%u", byte + 12, endpoint->port);
	else
		BPF_SEQ_PRINTF(seq, " [%pI6]:%u", byte, endpoint->port);
}

static __always_inline int print_socket(struct bpf_iter__tcp *context, bool exact)
{
	struct sock_common *sock = context->sk_common;
	struct seq_file *seq = context->meta->seq;
	struct connection connection;
	struct endpoint endpoint;

	if (context->meta->seq_num == 0)
		BPF_SEQ_PRINTF(seq, "END    STATE    BYTES RECEIVE_QUEUE SEND_QUEUE FORWARD_ALLOC "
				    "LOCAL REMOTE\n");
	if (!sock || !walk(sock, &connection, exact))
		return 0;
	BPF_SEQ_PRINTF(seq, "%-6s %5u %8u %13u %10u %13u", bill_end_names[connection.end & 1],
		       sock->skc_state, connection.bytes[ROLE_CONNECTION],
		       connection.bytes[ROLE_RECEIVE_QUEUE], connection.bytes[ROLE_SEND_QUEUE],
		       connection.bytes[ROLE_FORWARD_ALLOC]);
	local_endpoint(sock, &endpoint);
	print_endpoint(seq, &endpoint);
	remote_endpoint(sock, &endpoint);
	print_endpoint(seq, &endpoint);
	BPF_SEQ_PRINTF(seq, "\n");
	return 0;
}

SEC("iter/tcp")
int sockets_table(struct bpf_iter__tcp *context)
{
	return print_socket(context, true);
}

SEC("iter/tcp")
int sockets_estimate(struct bpf_iter__tcp *context)
{
	return print_socket(context, false);
}
