/*
 * ledger.h - who gave memory back and at what price, and what the kernel holds: the figures that
 * only the probe's eBPF part can give.
 *
 *   released       anonymous memory that the kernel freed or swapped out during calls that give it
 *                  back (madvise, munmap, brk, mremap, process_madvise, mmap over other pages),
 *                  over the whole run; by policy: inside a release of the server's policy; by
 *                  allocator: outside of it, which is the allocator by itself, and the server's
 *                  own table, some hundred KiB;
 *                  unknown: the server has no release markers. MADV_FREE frees nothing by itself
 *                  and counts nothing here: it is in LazyFree
 *   refault        of the last burst that has a predecessor: pages faulted in by the server's
 *                  processes during it, minor and major, over the pages released between the
 *                  predecessor's first close and its start. Faults are those between the newest row
 *                  of processes.csv before its start (not older than the predecessor's last close)
 *                  and the first one after its last close. It may exceed 1: the burst may need more
 *                  than was released, as faults on memory that the server never had before count
 *                  too; and with transparent huge pages one fault brings in 512 pages. Absent when
 *                  less than a hundredth of the peak was released in between (a share of next to
 *                  nothing tells nothing), or there is one burst
 *   call time      spent in all such calls, whatever their cause; the longest single one
 *   kernel         kernel memory of a connection at the server's end: the median over the
 *                  connections of the bill that bill.h takes; and the total of that bill
 *
 * All of these are absent where they were not recorded, never 0.
 */
#ifndef ANALYSIS_LEDGER_H
#define ANALYSIS_LEDGER_H

#include <stddef.h>

#include "analysis/bursts.h"
#include "analysis/metrics.h"
#include "analysis/recording.h"

/* Bytes that came back from a call: freed or swapped. Absent ones count as none. */
double ledger_released(uint64_t freed, uint64_t swapped);

/* Sets the metrics from METRIC_BY_POLICY on, and marks those that are doubtful (doubts.h). */
void ledger_reckon(const struct recording *recording, const struct burst *bursts,
		   size_t burst_count, struct measure metrics[METRIC_COUNT]);

#endif
