/*
 * walk.bpf.h - what a socket has in the kernel: from the socket to all that hangs on it: inode,
 * file, dentry, what epoll, io_uring and the security modules keep of it, its port, and its queues.
 *
 * Objects are named by their role: names of slab caches lie, because the kernel merges caches. It
 * does not know whose the socket is.
 */
#ifndef PROBES_WALK_BPF_H
#define PROBES_WALK_BPF_H

#include <stdbool.h>

#include "probes/layout.h"
#include "probes/maps.bpf.h"

/* A socket in more epoll sets, or an entry with more wait queues, is hardly met, and counted. */
#define MAX_EPOLL_SETS	4
#define MAX_POLL_QUEUES 2
#define MAX_WAITERS	8

extern const volatile __u32 slab_page_bytes;

/* For kernels that cannot be asked for an object's cache: sizes from /proc/slabinfo, or 0. */
extern const volatile __u32 known_bytes[ROLES];

extern const volatile struct layout layout;

/* What the kernel has said of each role's cache, or 0. */
extern __u32 asked_bytes[ROLES];

/* Since 6.13. */
extern struct kmem_cache *bpf_get_kmem_cache(__u64 address) __ksym __weak;

/* --- sizes ---------------------------------------------------------------------------------------
 */

struct connection {
	enum bill_end end;
	__u32 bytes[ROLES];
};

/* The share of the slab that one object of the cache takes. */
static __always_inline __u32 share_of(struct kmem_cache *cache)
{
	__u32 order_and_objects = cache->oo.x;
	__u32 objects = order_and_objects & 0xffff;

	return objects ? (slab_page_bytes << (order_and_objects >> 16)) / objects : 0;
}

/* What the object takes of the slab that it is in; 0: it is in none. */
static __always_inline __u32 ask(const void *object)
{
	struct kmem_cache *cache;
	__u64 address;

	/* The plain number, which the verifier wants for bpf_get_kmem_cache(). */
	bpf_probe_read_kernel(&address, sizeof(address), &object);
	cache = bpf_get_kmem_cache(address);
	return cache ? share_of(cache) : 0;
}

/* All objects of a role but sock and ring_async_data come from one cache: it is asked for once. */
static __always_inline __u32 slab_bytes(enum bill_role role, const void *object)
{
	if (role == ROLE_RING_ASYNC_DATA)
		return ask(object);
	if (!asked_bytes[role])
		asked_bytes[role] = ask(object);
	return asked_bytes[role];
}

static __always_inline __u32 estimate(enum bill_role role, __u32 type_bytes)
{
	return known_bytes[role] ? known_bytes[role] : type_bytes;
}

#define ADD(connection, role, object, exact, type_bytes)                                           \
	((connection)->bytes[role] +=                                                              \
	 (object) ? (exact) ? slab_bytes(role, object) : estimate(role, type_bytes) : 0)

/* --- the walk ------------------------------------------------------------------------------------
 */

static __always_inline void walk_epoll(struct connection *connection, struct file *file, bool exact)
{
	struct hlist_head *head = file->f_ep;
	struct hlist_node *node = head->first;

	ADD(connection, ROLE_EPOLL_HEAD, head, exact, bpf_core_type_size(struct epitems_head));
	for (int set = 0; set < MAX_EPOLL_SETS && node; set++) {
		struct epitem *item = (void *)node -
				      bpf_core_field_offset(((struct epitem *)0)->fllink);
		struct eppoll_entry *queue = BPF_CORE_READ(item, pwqlist);

		ADD(connection, ROLE_EPITEM, item, exact, bpf_core_type_size(struct epitem));
		for (int i = 0; i < MAX_POLL_QUEUES && queue; i++) {
			ADD(connection, ROLE_POLL_QUEUE, queue, exact,
			    bpf_core_type_size(struct eppoll_entry));
			queue = BPF_CORE_READ(queue, next);
		}
		if (queue)
			count_loss(offsetof(struct losses, walk_cut));
		node = BPF_CORE_READ(node, next);
	}
	if (node)
		count_loss(offsetof(struct losses, walk_cut));
}

static __always_inline void walk_file(struct connection *connection, struct file *file, bool exact)
{
	struct inode *inode = file->f_inode;
	struct dentry *dentry = file->f_path.dentry;
	void *of_inode = inode->i_security;
	void *of_file = file->f_security;

	ADD(connection, ROLE_SOCKET_INODE, inode, exact, bpf_core_type_size(struct socket_alloc));
	ADD(connection, ROLE_FILE, file, exact, bpf_core_type_size(struct file));
	ADD(connection, ROLE_DENTRY, dentry, exact, bpf_core_type_size(struct dentry));
	ADD(connection, ROLE_SECURITY_INODE, of_inode, exact, 0);
	ADD(connection, ROLE_SECURITY_FILE, of_file, exact, 0);
	walk_epoll(connection, file, exact);
}

/*
 * What io_uring keeps of a request that waits: to receive, and then it has an async_poll of its
 * own, or for a poll, and then that is in its head (io_uring/poll.c). Nobody else who waits is at
 * such a place of what its entry points to; of a socket that is polled twice, the second has a bit
 * set there.
 *
 * Global, so that the verifier looks at it once and not for each who waits.
 */
__noinline int walk_request(struct connection *connection, __u64 waiter, bool exact)
{
	struct wait_queue_entry *entry = (void *)waiter;
	__u64 request = (__u64)BPF_CORE_READ(entry, private);
	__u64 poll = 0, data = 0;

	if (!connection || !request)
		return 0;
	if (waiter != request + layout.apoll_wait - layout.apoll_poll) {
		bpf_probe_read_kernel(&poll, sizeof(poll),
				      (void *)(request + layout.request_apoll));
		if (!poll || waiter != poll + layout.apoll_wait)
			return 0;
	}
	bpf_probe_read_kernel(&data, sizeof(data), (void *)(request + layout.request_async_data));
	ADD(connection, ROLE_RING_REQUEST, (void *)request, exact, layout.request);
	ADD(connection, ROLE_RING_POLL, (void *)poll, exact, layout.apoll);
	ADD(connection, ROLE_RING_ASYNC_DATA, (void *)data, exact, layout.message);
	return 0;
}

/* All who wait for the socket, of whom epoll's are known already. */
static __always_inline void walk_waiters(struct connection *connection, struct socket *socket,
					 bool exact)
{
	const struct list_head *head = &socket->wq.wait.head;
	const struct list_head *next = BPF_CORE_READ(head, next);

	for (int i = 0; i < MAX_WAITERS && next && next != head; i++) {
		walk_request(connection,
			     (__u64)next -
				     bpf_core_field_offset(((struct wait_queue_entry *)0)->entry),
			     exact);
		next = BPF_CORE_READ(next, next);
	}
	if (next && next != head)
		count_loss(offsetof(struct losses, walk_cut));
}

static __always_inline bool has_one(const struct hlist_head *head)
{
	struct hlist_node *first = BPF_CORE_READ(head, first);

	return first && !BPF_CORE_READ(first, next);
}

/*
 * The buckets of its port, and of its port and address, where they are its own: a server's
 * connections share those of the listener. Since 6.8 a port's list holds the other buckets, before
 * it held the sockets.
 */
static __always_inline void walk_port(struct connection *connection,
				      struct inet_connection_sock *sock, bool exact)
{
	struct inet_bind_bucket *bucket = sock->icsk_bind_hash;
	void *bucket2 = NULL;
	bool own = false, own2 = false;

	if (layout.bind2)
		bucket2 = sock->icsk_bind2_hash;
	if (bucket2)
		own2 = has_one(bucket2 + layout.bind2_owners);
	if (bucket && bpf_core_field_exists(bucket->owners))
		own = has_one(&bucket->owners);
	else if (bucket && bpf_core_field_exists(bucket->bhash2))
		own = own2 && has_one(&bucket->bhash2);
	if (own)
		ADD(connection, ROLE_BIND_BUCKET, bucket, exact,
		    bpf_core_type_size(struct inet_bind_bucket));
	if (own2)
		ADD(connection, ROLE_BIND2_BUCKET, bucket2, exact, layout.bind2);
}

static __always_inline void walk_sock(struct connection *connection, struct tcp_sock *tcp,
				      bool exact)
{
	struct sock *sock = (struct sock *)tcp;
	struct socket *socket = sock->sk_socket;
	struct file *file = socket->file;
	void *of_sock = sock->sk_security;
	__u32 sum = 0;

	connection->bytes[ROLE_SOCK] = exact ? share_of(sock->sk_prot_creator->slab)
					     : estimate(ROLE_SOCK,
							sock->sk_prot_creator->slab->size);
	ADD(connection, ROLE_SECURITY_SOCK, of_sock, exact, 0);
	walk_port(connection, &tcp->inet_conn, exact);
	if (file)
		walk_file(connection, file, exact);
	if (file && layout.request)
		walk_waiters(connection, socket, exact);
	connection->bytes[ROLE_RECEIVE_QUEUE] = sock->sk_backlog.rmem_alloc.counter;
	connection->bytes[ROLE_SEND_QUEUE] = sock->sk_wmem_queued;
	for (int role = 0; role < ROLE_CONNECTION; role++)
		sum += connection->bytes[role];
	connection->bytes[ROLE_CONNECTION] = sum;
	connection->bytes[ROLE_FORWARD_ALLOC] = sock->sk_forward_alloc;
}

#endif
