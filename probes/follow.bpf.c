/*
 * follow.bpf.c - which processes are the server: its children are, too, until they run another
 * program.
 */
#include "probes/maps.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct targets_map targets SEC(".maps");
struct losses_map losses SEC(".maps");

/* Whose pins these are; the loader fills it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct probe_identity);
} probe SEC(".maps");

SEC("tp_btf/sched_process_fork")
int BPF_PROG(follow_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 parent_pid = parent->tgid, pid = child->tgid;
	struct target *target, forked = {};

	if (pid == parent_pid) /* a thread */
		return 0;
	target = bpf_map_lookup_elem(&targets, &parent_pid);
	if (!target)
		return 0;
	forked.parent = parent_pid;
	forked.has_markers = target->has_markers;
	forked.since = bpf_ktime_get_ns();
	forked.executable = (__u64)BPF_CORE_READ(child, mm, exe_file, f_inode);
	if (bpf_map_update_elem(&targets, &pid, &forked, BPF_ANY))
		count_loss(offsetof(struct losses, targets_full));
	return 0;
}

/*
 * A worker may be started anew from the same program; a helper that runs another is none of it. The
 * process that the probe was told stays one whatever it runs, but markers are in its old program.
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(follow_exec, struct task_struct *task, int old_tid, struct linux_binprm *binary)
{
	__u64 executable = (__u64)BPF_CORE_READ(binary, file, f_inode);
	__u32 pid = task->tgid;
	struct target *target = bpf_map_lookup_elem(&targets, &pid);

	if (!target || !target->executable || target->executable == executable)
		return 0;
	if (target->parent) {
		bpf_map_delete_elem(&targets, &pid);
		return 0;
	}
	target->has_markers = 0;
	target->executable = executable;
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(follow_exit, struct task_struct *task)
{
	__u32 pid = task->tgid;

	/* The last thread of the process; live is counted down before the tracepoint. */
	if (BPF_CORE_READ(task, signal, live.counter) == 0)
		bpf_map_delete_elem(&targets, &pid);
	return 0;
}
