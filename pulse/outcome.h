/*
 * outcome.h - all that came of one phase, with the histograms; and how outcomes of several pulses
 * become one.
 */
#ifndef PULSE_OUTCOME_H
#define PULSE_OUTCOME_H

#include "pulse/histogram.h"
#include "pulse/traffic.h"
#include "server/base/record.h"

struct outcome {
	struct phase phase; /* its percentiles are those of the two below */
	struct histogram connect;
	struct histogram connect_raw;
	struct traffic traffic;
};

/* Fills in the phase's percentiles from the histograms. */
void outcome_describe(struct outcome *outcome);

/* Adds other, the same phase of another pulse, with times of the same clock. */
void outcome_merge(struct outcome *outcome, const struct outcome *other);

#endif
