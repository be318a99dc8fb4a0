/*
 * plausible.h - can what a run recorded have happened on the machine that it names?
 *
 * A value that fits its column may still be none that a machine can have: a damaged digit, or
 * another file under that name. It would pass through every median unseen.
 */
#ifndef ANALYSIS_PLAUSIBLE_H
#define ANALYSIS_PLAUSIBLE_H

#include <stdint.h>

#include "analysis/recording.h"

/* What experiment.json says of it; 0: not said. */
struct machine {
	uint64_t page_size, memory; /* bytes */
	uint64_t cpus;
};

/* Returns 0, or -EBADMSG with one line in why. */
int plausible_check(const struct recording *recording, const struct machine *machine,
		    char why[RECORDING_WHY]);

#endif
