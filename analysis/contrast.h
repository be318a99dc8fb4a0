/*
 * contrast.h - the rows of a table against their controls, paired by block.
 *
 * The control of a row is the row with the same other factors whose release is native and which is
 * not tuned; of a row that is such itself, that of the experiment's first allocator. Every block
 * (run.json's repeat) holds each cell once, so what drifts with the machine meets both of a pair.
 */
#ifndef ANALYSIS_CONTRAST_H
#define ANALYSIS_CONTRAST_H

#include "analysis/bootstrap.h"
#include "analysis/summary.h"

/* Sets control and differences of every row. Returns 0 or -ENOMEM. */
int contrast_rows(struct summary *summary, struct bootstrap *bootstrap);

/*
 * What is told of a against b: DIFFERENCE_LESS or _MORE where one is the other's control;
 * DIFFERENCE_NONE where they are not told apart, nor from what stands between them; else
 * DIFFERENCE_ABSENT.
 */
enum difference_verdict contrast_between(const struct summary_row *a, const struct summary_row *b,
					 enum question question);

#endif
