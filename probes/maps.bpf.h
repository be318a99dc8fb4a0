/*
 * maps.bpf.h - the maps that more than one eBPF program uses. follow.bpf.c defines them; the
 * objects are linked into one (bpftool gen object).
 */
#ifndef PROBES_MAPS_BPF_H
#define PROBES_MAPS_BPF_H

#include <stddef.h>

#include "probes/kernel.h"
#include "probes/tables.h"

struct targets_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct target);
};

struct losses_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct losses);
};

extern struct targets_map targets SEC(".maps");
extern struct losses_map losses SEC(".maps");

/* Counts one more of that member of struct losses, given by its offset. */
static __always_inline void count_loss(__u32 offset)
{
	__u32 zero = 0;
	void *counts = bpf_map_lookup_elem(&losses, &zero);

	if (counts)
		__sync_fetch_and_add((__u64 *)(counts + offset), 1);
}

#endif
