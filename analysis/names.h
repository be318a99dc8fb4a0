/*
 * names.h - what rows are called in tables of the terminal: their factors, cut where they are long
 * (brief.h), in all tables of a summary in the same way.
 */
#ifndef ANALYSIS_NAMES_H
#define ANALYSIS_NAMES_H

#include <stdio.h>

#include "analysis/brief.h"
#include "analysis/summary.h"

/* Writes a factor of one of the summary's rows. Returns brief. */
const char *names_brief(char brief[BRIEF_ROOM], const struct summary *summary,
			const struct summary_row *row, int factor);

/* What was cut, as it is written and in full, a line each; nothing where nothing was. */
void names_print_cut(const struct summary *summary, FILE *file);

#endif
