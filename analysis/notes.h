/*
 * notes.h - what a reader must know beside the numbers: of single rows (summary_note()), what the
 * probe could not record, and what it lost; what was not as it began when it was resumed.
 */
#ifndef ANALYSIS_NOTES_H
#define ANALYSIS_NOTES_H

#include "analysis/summary.h"

/* Calls each for every note, a sentence or two in one line. */
void notes_each(const struct summary *summary, void (*each)(void *context, const char *text),
		void *context);

#endif
