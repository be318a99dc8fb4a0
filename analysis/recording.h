/*
 * recording.h - the CSV files of one run, read and checked.
 *
 * Knows the rows and what must hold between them, not what they are worth.
 */
#ifndef ANALYSIS_RECORDING_H
#define ANALYSIS_RECORDING_H

#include <stddef.h>

#include "analysis/evidence.h"
#include "analysis/operations.h"
#include "analysis/rows.h"
#include "analysis/usage.h"
#include "server/base/record.h"

#define RECORDING_WHY ROWS_WHY

struct recording {
	struct sample *samples;
	size_t sample_count;
	struct rollup *rollups;
	size_t rollup_count;
	struct phase *phases;
	size_t phase_count;
	struct evidence evidence;
	struct usage usage;
	struct operations operations;
	uint64_t
		page_size; /* of the machine that was recorded, for the loader to set; 0: unknown */
};

/*
 * Reads samples.csv, rollups.csv and phases.csv of folder, and what evidence, CPU times and traffic
 * there are. Returns 0, or -errno with one line in why: also when the rows do not fit together, so
 * that what is loaded can be reckoned with: times ascend, there is a burst with a window behind the
 * last one, and the samples span both. After an error there is nothing to free.
 */
int recording_load(struct recording *recording, const char *folder, char why[RECORDING_WHY]);

void recording_free(struct recording *recording);

/* The i-th phase of that name, counted from 0, or NULL. */
const struct phase *recording_phase(const struct recording *recording, const char *name, size_t i);

#endif
