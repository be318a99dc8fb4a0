/*
 * brief.h - texts of a column of the terminal, cut to a width that leaves room for numbers, so that
 * those that differ still do.
 *
 * What all of a column have in common at begin and end goes first, then the middle of what is left;
 * "…" stands for what is missing. The whole text is in the JSON, and below the table.
 */
#ifndef ANALYSIS_BRIEF_H
#define ANALYSIS_BRIEF_H

#include <stddef.h>

#define BRIEF_MOST 40			 /* characters */
#define BRIEF_ROOM (4 * BRIEF_MOST + 16) /* bytes, of UTF-8 */

/*
 * Writes the i-th of the texts of a column into brief. Returns brief: the text itself where it is
 * no longer than BRIEF_MOST characters. Two that differ are never cut to the same: where they would
 * be,
 * "~2" stands behind the second.
 */
const char *brief_text(char brief[BRIEF_ROOM], const char *const *texts, size_t count, size_t i);

#endif
