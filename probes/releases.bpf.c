/*
 * releases.bpf.c - every call that can hand memory back: how much was asked for, how many pages
 * really went, how long it took, and at whose hand.
 *
 * Pages are counted where the kernel frees them, on the thread that made the call and while the
 * call lasts: an RSS difference would also count what other threads fault in meanwhile. What the
 * kernel still holds in a per-CPU batch (at most 31 pages a CPU) is freed after the call and not
 * counted. MADV_FREE frees nothing during the call.
 */
#include <linux/errno.h>
#include <stdbool.h>

#include "probes/maps.bpf.h"
#include "probes/stacks.bpf.h"

#define MREMAP_FIXED 2
#define MAP_FIXED    0x10
#define PAGE_IS_ANON 1ul /* FOLIO_MAPPING_ANON, include/linux/page-flags.h */

/* pidfd.h, since 6.14 */
#define PIDFD_SELF_THREAD	-10000
#define PIDFD_SELF_THREAD_GROUP -20000

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct release_key);
	__type(value, struct release_total);
} releases SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct release_in_flight);
} in_flight SEC(".maps");

/* How deep a thread stands between release markers. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} inside_policy SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 << 20);
} events SEC(".maps");

/* Lets page_freed, which sees all pages of the machine, return at once when nothing is going on. */
__u32 calls_in_flight;

/* Only the process itself can tell the policy from the allocator. */
static __always_inline enum release_cause cause_of(const struct target *target, __u32 pid)
{
	__u64 self = bpf_get_current_pid_tgid();
	__u32 tid = self;
	__u32 *depth;

	if (!target->has_markers || self >> 32 != pid)
		return CAUSE_UNKNOWN;
	depth = bpf_map_lookup_elem(&inside_policy, &tid);
	return depth && *depth ? CAUSE_POLICY : CAUSE_ALLOCATOR;
}

static __always_inline int begin(void *context, __u32 pid, enum release_call call,
				 enum release_advice advice, __u64 asked_bytes)
{
	struct target *target = bpf_map_lookup_elem(&targets, &pid);
	struct release_in_flight flight = { .asked_bytes = asked_bytes };
	__u32 tid = bpf_get_current_pid_tgid();

	if (!target)
		return 0;
	flight.key.pid = pid;
	flight.key.call = call;
	flight.key.advice = advice;
	flight.key.cause = cause_of(target, pid);
	flight.key.stack = take_stack(context);
	if (flight.key.stack < 0)
		count_loss(offsetof(struct losses, stacks_missing));
	flight.start_ns = bpf_ktime_get_ns();
	if (bpf_map_update_elem(&in_flight, &tid, &flight, BPF_NOEXIST)) {
		count_loss(offsetof(struct losses, in_flight_full));
		return 0;
	}
	__sync_fetch_and_add(&calls_in_flight, 1);
	return 0;
}

static __always_inline void raise_to(__u64 *longest, __u64 duration)
{
	for (int tries = 0; tries < 8; tries++) {
		__u64 old = *longest;

		if (old >= duration || __sync_bool_compare_and_swap(longest, old, duration))
			return;
	}
}

static __always_inline void add_to_total(const struct release_event *event)
{
	struct release_total *total = bpf_map_lookup_elem(&releases, &event->key);

	if (!total) {
		struct release_total none = {};

		bpf_map_update_elem(&releases, &event->key, &none, BPF_NOEXIST);
		total = bpf_map_lookup_elem(&releases, &event->key);
	}
	if (!total) {
		count_loss(offsetof(struct losses, releases_full));
		return;
	}
	__sync_fetch_and_add(&total->calls, 1);
	if (event->result < 0)
		__sync_fetch_and_add(&total->failed, 1);
	__sync_fetch_and_add(&total->asked_bytes, event->asked_bytes);
	__sync_fetch_and_add(&total->anon_pages, event->anon_pages);
	__sync_fetch_and_add(&total->other_pages, event->other_pages);
	__sync_fetch_and_add(&total->swapped_pages, event->swapped_pages);
	__sync_fetch_and_add(&total->time_ns, event->duration_ns);
	raise_to(&total->longest_ns, event->duration_ns);
}

static __always_inline int end(long result)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct release_in_flight *flight;
	struct release_event event;

	flight = calls_in_flight ? bpf_map_lookup_elem(&in_flight, &tid) : NULL;
	if (!flight)
		return 0;
	event.time_ns = flight->start_ns;
	event.duration_ns = bpf_ktime_get_ns() - flight->start_ns;
	event.asked_bytes = flight->asked_bytes;
	event.anon_pages = flight->anon_pages;
	event.other_pages = flight->other_pages;
	event.swapped_pages = flight->swapped_pages;
	event.result = result;
	event.tid = tid;
	event.key = flight->key;
	if (event.key.call == CALL_PROCESS_MADVISE)
		event.asked_bytes = result > 0 ? result : 0;
	bpf_map_delete_elem(&in_flight, &tid);
	__sync_fetch_and_add(&calls_in_flight, -1);

	add_to_total(&event);
	if (bpf_ringbuf_output(&events, &event, sizeof(event), 0))
		count_loss(offsetof(struct losses, events_dropped));
	return 0;
}

/* --- pages ---------------------------------------------------------------------------------------
 */

static __always_inline struct release_in_flight *current_call(void)
{
	__u32 tid = bpf_get_current_pid_tgid();

	return calls_in_flight ? bpf_map_lookup_elem(&in_flight, &tid) : NULL;
}

SEC("tp_btf/mm_page_free")
int BPF_PROG(page_freed, struct page *page, unsigned int order)
{
	struct release_in_flight *flight = current_call();

	if (!flight)
		return 0;
	if ((__u64)BPF_CORE_READ(page, mapping) & PAGE_IS_ANON)
		flight->anon_pages += 1ull << order;
	else
		flight->other_pages += 1ull << order;
	return 0;
}

/* MADV_PAGEOUT: the page itself is freed when it is written, by whoever notices. Since 5.18. */
SEC("tp_btf/mm_vmscan_write_folio")
int BPF_PROG(page_swapped, struct folio *folio)
{
	struct release_in_flight *flight = current_call();
	unsigned long head = 1ul << bpf_core_enum_value(enum pageflags, PG_head);
	unsigned long flags = 0;
	__u32 order = 0;

	if (!flight)
		return 0;
	/* The flags come first, and have had more than one type. */
	bpf_probe_read_kernel(&flags, sizeof(flags), folio);
	if (flags & head && bpf_core_field_exists(folio->_flags_1))
		order = BPF_CORE_READ(folio, _flags_1) & 0xff;
	flight->swapped_pages += 1ull << (order & 63);
	return 0;
}

/* --- system calls --------------------------------------------------------------------------------
 */

static __always_inline bool releases_memory(int advice)
{
	switch (advice) {
	case ADVICE_DONTNEED:
	case ADVICE_FREE:
	case ADVICE_REMOVE:
	case ADVICE_COLD:
	case ADVICE_PAGEOUT:
	case ADVICE_DONTNEED_LOCKED:
	case ADVICE_GUARD_INSTALL:
		return true;
	}
	return false;
}

static __always_inline __u32 own_pid(void)
{
	return bpf_get_current_pid_tgid() >> 32;
}

SEC("tp/syscalls/sys_enter_madvise")
int madvise_enter(struct syscall_enter *context)
{
	int advice = context->args[2];

	if (!releases_memory(advice))
		return 0;
	return begin(context, own_pid(), CALL_MADVISE, advice, context->args[1]);
}

SEC("tp/syscalls/sys_exit_madvise")
int madvise_exit(struct syscall_exit *context)
{
	return end(context->result);
}

SEC("tp/syscalls/sys_enter_munmap")
int munmap_enter(struct syscall_enter *context)
{
	return begin(context, own_pid(), CALL_MUNMAP, ADVICE_NONE, context->args[1]);
}

SEC("tp/syscalls/sys_exit_munmap")
int munmap_exit(struct syscall_exit *context)
{
	return end(context->result);
}

SEC("tp/syscalls/sys_enter_brk")
int brk_enter(struct syscall_enter *context)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	unsigned long now = BPF_CORE_READ(task, mm, brk);
	unsigned long wanted = context->args[0];
	struct release_in_flight *flight;

	/* brk(0) asks where it is; a higher one takes memory. */
	if (!wanted || wanted >= now)
		return 0;
	begin(context, own_pid(), CALL_BRK, ADVICE_NONE, now - wanted);
	flight = current_call();
	if (flight)
		flight->wanted = wanted;
	return 0;
}

SEC("tp/syscalls/sys_exit_brk")
int brk_exit(struct syscall_exit *context)
{
	struct release_in_flight *flight = current_call();

	/* It returns where the break is; on failure, where it was. */
	return flight ? end((__u64)context->result == flight->wanted ? 0 : -ENOMEM) : 0;
}

SEC("tp/syscalls/sys_enter_mremap")
int mremap_enter(struct syscall_enter *context)
{
	unsigned long old_length = context->args[1];
	unsigned long new_length = context->args[2];
	unsigned long flags = context->args[3];
	__u64 shrunk = old_length > new_length ? old_length - new_length : 0;

	/* MREMAP_FIXED unmaps what was at the new place. */
	if (!shrunk && !(flags & MREMAP_FIXED))
		return 0;
	return begin(context, own_pid(), CALL_MREMAP, ADVICE_NONE, shrunk);
}

SEC("tp/syscalls/sys_exit_mremap")
int mremap_exit(struct syscall_exit *context)
{
	return end(context->result);
}

/*
 * What lay where the mapping is wanted goes: some allocators decommit in that way. MAP_FIXED alone
 * does that, and has this value on all architectures that eBPF is compiled for.
 */
SEC("tp/syscalls/sys_enter_mmap")
int mmap_enter(struct syscall_enter *context)
{
	if (!(context->args[3] & MAP_FIXED))
		return 0;
	return begin(context, own_pid(), CALL_MMAP, ADVICE_NONE, context->args[1]);
}

SEC("tp/syscalls/sys_exit_mmap")
int mmap_exit(struct syscall_exit *context)
{
	return end(context->result);
}

/* The process that a pidfd of this thread stands for, or 0. */
static __always_inline __u32 process_of(int pidfd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd);
	struct file *file = NULL;
	struct pid *pid;

	if (pidfd == PIDFD_SELF_THREAD || pidfd == PIDFD_SELF_THREAD_GROUP)
		return own_pid();
	if (pidfd < 0 || (__u32)pidfd >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), files + pidfd);
	/* pidfs, since 6.9, keeps it in the inode. */
	pid = BPF_CORE_READ(file, f_inode, i_private);
	if (!pid)
		pid = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(pid, numbers[0].nr);
}

SEC("tp/syscalls/sys_enter_process_madvise")
int pmadvise_enter(struct syscall_enter *context)
{
	int advice = context->args[3];

	if (!releases_memory(advice))
		return 0;
	return begin(context, process_of(context->args[0]), CALL_PROCESS_MADVISE, advice, 0);
}

SEC("tp/syscalls/sys_exit_process_madvise")
int pmadvise_exit(struct syscall_exit *context)
{
	return end(context->result);
}

/* --- causes --------------------------------------------------------------------------------------
 */

SEC("uprobe")
int release_begin(void *context)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u32 *depth = bpf_map_lookup_elem(&inside_policy, &tid);
	__u32 first = 1;
	__u32 pid = own_pid();

	if (!bpf_map_lookup_elem(&targets, &pid))
		return 0;
	if (depth)
		(*depth)++;
	else if (bpf_map_update_elem(&inside_policy, &tid, &first, BPF_ANY))
		count_loss(offsetof(struct losses, in_flight_full));
	return 0;
}

SEC("uprobe")
int release_end(void *context)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u32 *depth = bpf_map_lookup_elem(&inside_policy, &tid);

	if (depth && --*depth == 0)
		bpf_map_delete_elem(&inside_policy, &tid);
	return 0;
}

/* A thread that is killed in the middle leaves nothing behind. */
SEC("tp_btf/sched_process_exit")
int thread_exit(void *context)
{
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&inside_policy, &tid);
	if (!bpf_map_delete_elem(&in_flight, &tid))
		__sync_fetch_and_add(&calls_in_flight, -1);
	return 0;
}
