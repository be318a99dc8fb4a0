/*
 * releases_table.bpf.c - cat iters/releases: the totals of releases.bpf.c as a table.
 */
#include "probes/kernel.h"
#include "probes/names.h"

char LICENSE[] SEC("license") = "GPL";

SEC("iter/bpf_map_elem")
int releases_table(struct bpf_iter__bpf_map_elem *context)
{
	struct seq_file *seq = context->meta->seq;
	struct release_key *key = context->key;
	struct release_total *total = context->value;
	__u32 call, cause;

	if (context->meta->seq_num == 0)
		BPF_SEQ_PRINTF(
			seq,
			"    PID CALL            ADVICE          CAUSE         CALLS FAILED "
			"  ASKED_BYTES ANON_PAGES OTHER_PAGES    SWAPPED      TIME_NS   LONGEST_NS "
			"STACK\n");
	if (!key || !total)
		return 0;
	call = key->call;
	cause = key->cause;
	if (call >= CALLS || cause >= CAUSES)
		return 0;
	BPF_SEQ_PRINTF(seq, "%7u %-15s %-15s %-9s %9llu %6llu %13llu %10llu %11llu ", key->pid,
		       release_call_names[call], release_advice_name(key->advice),
		       release_cause_names[cause], total->calls, total->failed, total->asked_bytes,
		       total->anon_pages, total->other_pages);
	BPF_SEQ_PRINTF(seq, "%10llu %12llu %12llu %5d\n", total->swapped_pages, total->time_ns,
		       total->longest_ns, key->stack);
	return 0;
}
