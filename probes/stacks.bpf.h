/*
 * stacks.bpf.h - the user stack of a release, cut where it stops to be one.
 *
 * The kernel follows frame pointers. Code without them (libc, most libraries) leaves in that
 * register what it likes, and what stands there is then taken for a frame, differently each time.
 * A return address lies in code: at the first that does not, the stack ends. So the same way into
 * the kernel makes the same stack, and there are as many of them as there are ways.
 */
#ifndef PROBES_STACKS_BPF_H
#define PROBES_STACKS_BPF_H

#include <stdbool.h>

#include "probes/maps.bpf.h"

#define VM_EXEC 4 /* include/linux/mm.h */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __s32);
	__type(value, struct stack);
} stacks SEC(".maps");

/* Addresses known to be code: they are asked for once, and have a name when the server is gone. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct code_key);
	__type(value, struct code);
} code SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stack);
} stack_draft SEC(".maps");

struct code_search {
	__u64 address;
	bool found;
	struct code code;
};

static long note_code(struct task_struct *task, struct vm_area_struct *vma,
		      struct code_search *search)
{
	if (!(BPF_CORE_READ(vma, vm_flags) & VM_EXEC))
		return 0;
	search->found = true;
	search->code.distance = search->address - BPF_CORE_READ(vma, vm_start);
	search->code.file_page = BPF_CORE_READ(vma, vm_pgoff);
	/* Without a file the name stays empty. */
	bpf_probe_read_kernel_str(search->code.file, sizeof(search->code.file),
				  BPF_CORE_READ(vma, vm_file, f_path.dentry, d_name.name));
	return 0;
}

/*
 * Is that address code of the current process? Before Linux 5.17 there is nobody to ask. When
 * another thread is changing mappings the answer is no, too, until an address is known.
 */
static __always_inline bool is_code(__u32 pid, __u64 address)
{
	struct code_key key = { .pid = pid, .address = address };
	struct code_search search = { .address = address };

	if (bpf_map_lookup_elem(&code, &key))
		return true;
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_find_vma) ||
	    bpf_find_vma(bpf_get_current_task_btf(), address, note_code, &search, 0) ||
	    !search.found)
		return false;
	bpf_map_update_elem(&code, &key, &search.code, BPF_ANY);
	return true;
}

/* Keeps the leading frames that are code, and always the first. Returns a number made of them. */
static __always_inline __s32 cut(struct stack *stack, long bytes)
{
	__u64 hash = 0;
	bool whole = true;

	for (int i = 0; i < STACK_DEPTH; i++) {
		whole = whole && i * (long)sizeof(__u64) < bytes &&
			(is_code(stack->pid, stack->address[i]) || i == 0);
		if (!whole)
			stack->address[i] = 0;
		/* splitmix64's multiplier and a fold */
		hash = (hash ^ stack->address[i]) * 0xbf58476d1ce4e5b9ull;
		hash ^= hash >> 31;
	}
	return hash >> 33;
}

/* Returns the stack's key in the map stacks, or -1. */
static __noinline __s32 take_stack(void *context)
{
	__u32 zero = 0;
	struct stack *stack = bpf_map_lookup_elem(&stack_draft, &zero);
	__s32 number;
	long bytes;

	if (!stack)
		return -1;
	bytes = bpf_get_stack(context, stack->address, sizeof(stack->address), BPF_F_USER_STACK);
	if (bytes <= 0)
		return -1;
	stack->pid = bpf_get_current_pid_tgid() >> 32;
	number = cut(stack, bytes);
	if (!bpf_map_lookup_elem(&stacks, &number))
		bpf_map_update_elem(&stacks, &number, stack, BPF_NOEXIST);
	return bpf_map_lookup_elem(&stacks, &number) ? number : -1;
}

#endif
