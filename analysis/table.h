/*
 * table.h - an experiment as a table for people, as JSON, and as one sentence.
 *
 * All three come from the same summary, and so say the same.
 */
#ifndef ANALYSIS_TABLE_H
#define ANALYSIS_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "analysis/load.h"
#include "analysis/summary.h"

/*
 * Blocks of aligned columns with legends, among them the differences to the control where there are
 * repeats; notes, and the void runs with their reasons. Returns 0 or -errno.
 */
int table_print(const struct experiment *experiment, FILE *file);

/*
 * The i-th of the figures whose differences are shown: what the questions of difference.h turn on,
 * and what is read beside it. METRIC_COUNT behind the last one; where nothing was said on the
 * connections, that is sooner.
 */
enum metric table_contrasted(const struct summary *summary, size_t i);

/* Without repeats there is nothing to tell a difference from noise with. */
bool table_has_contrast(const struct summary *summary);

/*
 * Raw units, named in the keys. What is absent is null; what is censored is an object with the
 * bound: {"censored_ns": 15000000000} for a time (more than; so for waste), {"censored_bytes": ...}
 * for a floor (at most). Of a row, "intervals" and "differences" have the same keys, "kept", "cost"
 * and "answers" are the verdicts against its "control", and "losses" is what its runs' probes lost,
 * with the keys that each touches. The caller's; NULL when there is no memory.
 */
json_t *table_json(const struct experiment *experiment);

/* Parts of it, which a comparison has as well. NULL when there is no memory. */
json_t *table_factors(const struct summary_row *row);
json_t *table_differences(const struct difference differences[METRIC_COUNT]);
json_t *table_answer(const struct difference differences[METRIC_COUNT], enum question question);

/* A sentence or two, for the caller to free; NULL when there is no memory. */
char *takeaway(const struct summary *summary);

/* The same as a line. Returns 0 or -errno. */
int takeaway_print(const struct experiment *experiment, FILE *file);

#endif
