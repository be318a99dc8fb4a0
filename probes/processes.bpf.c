/*
 * processes.bpf.c - what each process of the server holds, and how often it has faulted.
 *
 * The iterator reads the kernel's counters when it is read itself: exact, with the parts that are
 * spread over CPUs (since 6.2) or threads (before), and without any cost to the server in between.
 * A program on kmem:rss_stat would see each single change, but makes every page fault 13 to 25 %
 * dearer (decision 4), which is more than what it is to tell is worth.
 */
#include "probes/maps.bpf.h"

#define MAX_CPUS 1024

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct process_memory);
} processes SEC(".maps");

/*
 * Holds nothing. Where the kernel has put it, for each CPU, tells how far apart the CPUs' own areas
 * are: __per_cpu_offset, which programs cannot see where /proc/kallsyms has no data.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} landmark SEC(".maps");

const volatile __u32 cpus = 1;
const volatile __u32 page_bytes = 4096;

/* A pointer as a plain number, with which the verifier lets us calculate. */
static __always_inline __u64 number_of(const void *pointer)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

static __always_inline __u64 offset_of_cpu(__u32 cpu)
{
	struct bpf_array *array = (void *)number_of(&landmark);
	__u32 zero = 0;
	void *here = bpf_map_lookup_percpu_elem(&landmark, &zero, cpu);

	return here ? number_of(here) - (__u64)BPF_CORE_READ(array, pptrs[0]) : 0;
}

/* The counter of a kernel since 6.2: a common part, and one a CPU. */
static __always_inline __s64 spread_over_cpus(struct mm_struct *mm, int member)
{
	/* Not rss_stat[member]: an index that is no constant to clang is not relocated. */
	struct percpu_counter *counter = (void *)mm + bpf_core_field_offset(mm->rss_stat) +
					 member * bpf_core_type_size(struct percpu_counter);
	__s64 pages = BPF_CORE_READ(counter, count);
	void *own = BPF_CORE_READ(counter, counters);

	for (__u32 cpu = 0; cpu < MAX_CPUS && cpu < cpus; cpu++) {
		__s32 part = 0;

		bpf_probe_read_kernel(&part, sizeof(part), own + offset_of_cpu(cpu));
		pages += part;
	}
	return pages;
}

/* The counter before 6.2; each thread keeps what it has not yet added, see add_thread(). */
static __always_inline __s64 kept_in_mm(struct mm_struct *mm, int member)
{
	struct mm_struct___before_6_2 *old = (void *)mm;
	atomic_long_t *counts = (void *)old + bpf_core_field_offset(old->rss_stat.count);
	atomic_long_t counter;

	bpf_probe_read_kernel(&counter, sizeof(counter), counts + member);
	return counter.counter;
}

static __always_inline __u64 bytes_of(struct mm_struct *mm, int member)
{
	struct mm_struct___before_6_2 *old = (void *)mm;
	__s64 pages = bpf_core_field_exists(old->rss_stat.count) ? kept_in_mm(mm, member)
								 : spread_over_cpus(mm, member);

	return pages * page_bytes;
}

/* All threads share the memory: it is read with the first that the iterator meets. */
static __always_inline void begin_process(struct process_memory *memory, struct task_struct *task,
					  struct mm_struct *mm, __u64 session)
{
	memory->session = session;
	memory->time_ns = bpf_ktime_get_ns();
	memory->threads = 0;
	memory->anon_bytes = bytes_of(mm, MM_ANONPAGES);
	memory->file_bytes = bytes_of(mm, MM_FILEPAGES);
	memory->shmem_bytes = bytes_of(mm, MM_SHMEMPAGES);
	memory->swap_bytes = bytes_of(mm, MM_SWAPENTS);
	memory->minor_faults = BPF_CORE_READ(task, signal, min_flt);
	memory->major_faults = BPF_CORE_READ(task, signal, maj_flt);
	bpf_probe_read_kernel_str(memory->name, sizeof(memory->name), task->comm);
}

static __always_inline void add_thread(struct process_memory *memory, struct task_struct *task)
{
	struct task_struct___before_6_2 *old = (void *)task;

	memory->threads++;
	memory->minor_faults += task->min_flt;
	memory->major_faults += task->maj_flt;
	if (bpf_core_field_exists(old->rss_stat.count)) {
		__s64 unit = page_bytes;

		memory->anon_bytes += unit * BPF_CORE_READ(old, rss_stat.count[MM_ANONPAGES]);
		memory->file_bytes += unit * BPF_CORE_READ(old, rss_stat.count[MM_FILEPAGES]);
		memory->shmem_bytes += unit * BPF_CORE_READ(old, rss_stat.count[MM_SHMEMPAGES]);
		memory->swap_bytes += unit * BPF_CORE_READ(old, rss_stat.count[MM_SWAPENTS]);
	}
}

/* Of two readings at once the newer one wins; the older prints nothing. */
static __always_inline void add_task(struct task_struct *task, __u64 session)
{
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct process_memory *memory, none = {};
	__u32 pid = task->tgid;
	struct target *target = bpf_map_lookup_elem(&targets, &pid);

	if (!mm || !target)
		return;
	/* Those that were there before the probe: the loader cannot see what the kernel calls it.
	 */
	if (!target->executable)
		target->executable = (__u64)BPF_CORE_READ(mm, exe_file, f_inode);
	memory = bpf_map_lookup_elem(&processes, &pid);
	if (!memory) {
		bpf_map_update_elem(&processes, &pid, &none, BPF_NOEXIST);
		memory = bpf_map_lookup_elem(&processes, &pid);
	}
	if (!memory)
		count_loss(offsetof(struct losses, processes_full));
	if (!memory || memory->session > session)
		return;
	if (memory->session < session)
		begin_process(memory, task, mm, session);
	add_thread(memory, task);
}

struct printing {
	struct seq_file *seq;
	__u64 session;
};

static long print_process(struct bpf_map *map, __u32 *pid, struct process_memory *memory,
			  struct printing *printing)
{
	if (memory->session != printing->session)
		return 0;
	BPF_SEQ_PRINTF(printing->seq, "%7u %-15s %7u %12llu %12llu %12llu %12llu ", *pid,
		       memory->name, memory->threads, memory->anon_bytes, memory->file_bytes,
		       memory->shmem_bytes, memory->swap_bytes);
	BPF_SEQ_PRINTF(printing->seq, "%12llu %12llu\n", memory->minor_faults,
		       memory->major_faults);
	return 0;
}

SEC("iter/task")
int processes_table(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct printing printing = {};

	if (task) {
		add_task(task, context->meta->session_id);
		return 0;
	}
	printing.seq = context->meta->seq;
	printing.session = context->meta->session_id;
	BPF_SEQ_PRINTF(printing.seq,
		       "    PID NAME            THREADS   ANON_BYTES   FILE_BYTES  SHMEM_BYTES   "
		       "SWAP_BYTES MINOR_FAULTS MAJOR_FAULTS\n");
	bpf_for_each_map_elem(&processes, print_process, &printing, 0);
	return 0;
}
