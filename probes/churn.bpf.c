/*
 * churn.bpf.c - what the server's accept and close allocate and free, by slab cache. Opt-in
 * (--churn): it runs at each slab allocation of the machine, and at every close.
 *
 * Counted is what happens on the calling thread while the call lasts. What the kernel allocates
 * before accept (the sock, while a packet of the handshake is handled) and frees after close (by
 * RCU) belongs to no call; what a connection holds is told by bill.bpf.c. Names are those of the
 * caches, which the kernel merges: a poll queue may show as anon_vma_chain.
 */
#include "probes/maps.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct churn_key);
	__type(value, struct churn_total);
} churn SEC(".maps");

/* In which call a thread of the server is. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, enum churn_call);
} churn_calls SEC(".maps");

static __always_inline int enter(enum churn_call call)
{
	__u64 self = bpf_get_current_pid_tgid();
	__u32 pid = self >> 32, tid = self;

	if (bpf_map_lookup_elem(&targets, &pid) &&
	    bpf_map_update_elem(&churn_calls, &tid, &call, BPF_ANY))
		count_loss(offsetof(struct losses, churn_full));
	return 0;
}

static __always_inline int leave(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&churn_calls, &tid);
	return 0;
}

SEC("tp/syscalls/sys_enter_accept")
int accept_enter(void *context)
{
	return enter(CHURN_ACCEPT);
}

SEC("tp/syscalls/sys_exit_accept")
int accept_exit(void *context)
{
	return leave();
}

SEC("tp/syscalls/sys_enter_accept4")
int accept4_enter(void *context)
{
	return enter(CHURN_ACCEPT);
}

SEC("tp/syscalls/sys_exit_accept4")
int accept4_exit(void *context)
{
	return leave();
}

SEC("tp/syscalls/sys_enter_close")
int close_enter(void *context)
{
	return enter(CHURN_CLOSE);
}

SEC("tp/syscalls/sys_exit_close")
int close_exit(void *context)
{
	return leave();
}

/* NULL when the thread is in none of these calls. */
static __always_inline struct churn_total *total_of(const struct kmem_cache *cache)
{
	__u32 tid = bpf_get_current_pid_tgid();
	enum churn_call *call = bpf_map_lookup_elem(&churn_calls, &tid);
	struct churn_total *total, none = {};
	struct churn_key key = {};

	if (!call)
		return NULL;
	key.call = *call;
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
