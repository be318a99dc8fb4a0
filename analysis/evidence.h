/*
 * evidence.h - what the probe saw in the kernel during one run: who gave memory back, what was
 * faulted in, what connections cost, and what of this was lost.
 *
 * Knows the rows, not what they are worth (ledger.h). A run may have none of it: an older probe, or
 * one without the right to load eBPF programs.
 */
#ifndef ANALYSIS_EVIDENCE_H
#define ANALYSIS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/rows.h"
#include "server/base/record.h"

#define EVIDENCE_REASON 128

struct evidence {
	struct release_row *releases;
	size_t release_count;
	struct release_event_row *events; /* as they ended: not by their time */
	size_t event_count;
	struct process_row *processes;
	size_t process_count;
	struct bill_row *bill;
	size_t bill_count;
	struct loss_row *losses;
	size_t loss_count;
	bool recorded;		       /* losses.csv is there: a probe that keeps such records */
	char skipped[EVIDENCE_REASON]; /* why pages were not counted, from probe.log; may be "" */
};

/*
 * Reads releases.csv, events.csv, processes.csv, bill.csv and losses.csv of folder. One that is not
 * there has no rows. Returns 0, or -errno with one line in why, and then there is nothing to free.
 */
int evidence_load(struct evidence *evidence, const char *folder, char why[ROWS_WHY]);

void evidence_free(struct evidence *evidence);

/* Did this eBPF program run? losses.csv has a row "missed" for each that did. */
bool evidence_ran(const struct evidence *evidence, const char *program);

/* Was any of the calls that give memory back watched? */
bool evidence_watches_calls(const struct evidence *evidence);

/* And were the pages counted that they freed? */
bool evidence_counts_pages(const struct evidence *evidence);

/* Is the policy told from the allocator? */
bool evidence_tells_causes(const struct evidence *evidence);

/* The i-th call that was not watched while others were, or NULL. */
const char *evidence_unwatched(const struct evidence *evidence, size_t i);

#endif
