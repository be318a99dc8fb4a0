/*
 * doubts.h - which figures a loss of the probe touches.
 *
 * Losses are what losses.csv counts, and release calls that could not be watched while others were.
 */
#ifndef ANALYSIS_DOUBTS_H
#define ANALYSIS_DOUBTS_H

#include <stdint.h>

#include "analysis/evidence.h"
#include "analysis/metrics.h"

/*
 * A set of metrics: bit 1 << metric. 0 for a loss of nothing, of what no figure is made of, or of
 * so few pages that no figure would read otherwise.
 */
uint64_t doubts_of(const struct loss_row *loss, const struct evidence *evidence);

/* The metrics that a release call which was not watched touches. */
uint64_t doubts_of_unwatched(void);

/* Marks what was lost or not watched, as doubtful. */
void doubts_mark(const struct evidence *evidence, struct measure metrics[METRIC_COUNT]);

#endif
