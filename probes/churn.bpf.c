/*
 * churn.bpf.c - what the kernel allocates and frees by slab cache, in the server's system calls and
 * elsewhere. Opt-in (--churn): it runs at each allocation of the machine.
 *
 * Elsewhere counts, too: on loopback a connection's server socket is allocated while the client's
 * packet is handled, and freed by RCU. The names are those of the caches, which the kernel merges:
 * a poll queue may show as anon_vma_chain. What a connection holds is told by bill.bpf.c.
 */
#include "probes/maps.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, struct churn_key);
	__type(value, struct churn_total);
} churn SEC(".maps");

static __always_inline struct churn_total *total_of(const struct kmem_cache *cache)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct churn_total *total, none = {};
	struct churn_key key = {};

	key.place = bpf_map_lookup_elem(&targets, &pid) ? PLACE_SERVER : PLACE_ELSEWHERE;
	bpf_probe_read_kernel_str(key.cache, sizeof(key.cache), BPF_CORE_READ(cache, name));
	total = bpf_map_lookup_elem(&churn, &key);
	if (total)
		return total;
	bpf_map_update_elem(&churn, &key, &none, BPF_NOEXIST);
	total = bpf_map_lookup_elem(&churn, &key);
	if (!total)
		count_loss(offsetof(struct losses, churn_full));
	return total;
}

/* The cache is an argument since 6.1. */
SEC("tp_btf/kmem_cache_alloc")
int BPF_PROG(churn_alloc, unsigned long call_site, const void *object, struct kmem_cache *cache)
{
	struct churn_total *total = object ? total_of(cache) : NULL;

	if (!total)
		return 0;
	__sync_fetch_and_add(&total->allocations, 1);
	__sync_fetch_and_add(&total->allocated_bytes, BPF_CORE_READ(cache, size));
	return 0;
}

SEC("tp_btf/kmem_cache_free")
int BPF_PROG(churn_free, unsigned long call_site, const void *object, struct kmem_cache *cache)
{
	struct churn_total *total = total_of(cache);

	if (!total)
		return 0;
	__sync_fetch_and_add(&total->frees, 1);
	__sync_fetch_and_add(&total->freed_bytes, BPF_CORE_READ(cache, size));
	return 0;
}
