/*
 * merge.h - adds up what several pulses measured in the same window.
 */
#ifndef PULSE_MERGE_H
#define PULSE_MERGE_H

#include <stddef.h>

#include "pulse/document.h"
#include "pulse/outcome.h"

#define MERGE_WHY 512 /* room for any reason */

struct merged {
	struct document_head head;
	struct outcome *outcomes; /* with times of the first document's clock */
	struct overlap *overlaps; /* what all documents have in common in each phase; merge.c's */
	size_t count;
};

/*
 * Reads the documents at these paths, a NULL behind the last. Whether they belong together does not
 * depend on their order. Returns 0 or -errno, with one line in why: which file does not belong to
 * those before it, and for what reason.
 */
int merge_files(struct merged *merged, char *const *paths, char why[MERGE_WHY]);

void merge_free(struct merged *merged);

#endif
