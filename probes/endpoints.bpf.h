/*
 * endpoints.bpf.h - whose connection a socket is, by its addresses: the server's, where the local
 * one is one that it listens on; its client's, where the remote one is, on this machine.
 */
#ifndef PROBES_ENDPOINTS_BPF_H
#define PROBES_ENDPOINTS_BPF_H

#include <stdbool.h>

#include "probes/kernel.h"
#include "probes/tables.h"

#define AF_INET	 2
#define AF_INET6 10

/* Where the server listens, and which reading of find_endpoints has seen it last. */
struct endpoints_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct endpoint);
	__type(value, __u64);
};

/* The addresses of this network namespace. */
struct addresses_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct address);
	__type(value, __u32);
};

extern struct endpoints_map endpoints SEC(".maps");
extern struct addresses_map addresses SEC(".maps");

/*
 * The ports that have ever been among the endpoints: one look that dismisses most sockets. A port
 * that is none any more only costs the look-up that says so.
 */
extern bool served_ports[65536];

static __always_inline void map_v4(struct endpoint *endpoint, __be32 address)
{
	if (!address) /* any, as :: is */
		return;
	endpoint->address.byte[10] = 0xff;
	endpoint->address.byte[11] = 0xff;
	__builtin_memcpy(endpoint->address.byte + 12, &address, sizeof(address));
}

/* The verifier knows the type of sock, so that fields are read without a call of a helper. */
static __always_inline void local_endpoint(struct sock_common *sock, struct endpoint *endpoint)
{
	__builtin_memset(endpoint, 0, sizeof(*endpoint));
	endpoint->port = sock->skc_num;
	if (sock->skc_family == AF_INET6)
		BPF_CORE_READ_INTO(&endpoint->address, sock, skc_v6_rcv_saddr);
	else
		map_v4(endpoint, sock->skc_rcv_saddr);
}

static __always_inline void remote_endpoint(struct sock_common *sock, struct endpoint *endpoint)
{
	__builtin_memset(endpoint, 0, sizeof(*endpoint));
	endpoint->port = __builtin_bswap16(sock->skc_dport);
	if (sock->skc_family == AF_INET6)
		BPF_CORE_READ_INTO(&endpoint->address, sock, skc_v6_daddr);
	else
		map_v4(endpoint, sock->skc_daddr);
}

static __always_inline bool is_served(const struct endpoint *endpoint)
{
	struct endpoint any = { .port = endpoint->port };

	return bpf_map_lookup_elem(&endpoints, endpoint) || bpf_map_lookup_elem(&endpoints, &any);
}

/* A server on any address serves that port on all addresses here, and on none elsewhere. */
static __always_inline bool is_served_here(const struct endpoint *endpoint)
{
	struct endpoint any = { .port = endpoint->port };

	if (bpf_map_lookup_elem(&endpoints, endpoint))
		return true;
	return bpf_map_lookup_elem(&endpoints, &any) &&
	       (is_loopback(&endpoint->address) ||
		bpf_map_lookup_elem(&addresses, &endpoint->address));
}

#endif
