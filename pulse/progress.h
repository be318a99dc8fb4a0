/*
 * progress.h - the one line that a person at a terminal watches.
 */
#ifndef PULSE_PROGRESS_H
#define PULSE_PROGRESS_H

#include <stdint.h>
#include <stdio.h>

#include "pulse/connector.h"
#include "pulse/schedule.h"

struct pulse_progress {
	FILE *terminal; /* NULL: the output is none, and nothing is drawn */
	uint64_t due;	/* ns, when the line may be drawn again */
};

void pulse_progress_open(struct pulse_progress *progress, FILE *file);

/* pulse->wanted of them are still being made, or closed again. */
#define PROGRESS_CONNECTING 0
#define PROGRESS_CLOSING    UINT64_MAX

/* Draws the line when it is due. end is when the step is over, in ns, or one of the above. */
void pulse_progress_draw(struct pulse_progress *progress, const struct step *step,
			 const struct pulse *pulse, uint64_t survivors, uint64_t end);

/* Wipes the line, so that others can be printed. */
void pulse_progress_clear(struct pulse_progress *progress);

#endif
