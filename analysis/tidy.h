/*
 * tidy.h - summary.csv: a line a run, for other tools. docs/record.md explains the columns.
 */
#ifndef ANALYSIS_TIDY_H
#define ANALYSIS_TIDY_H

#include <stdio.h>

#include "analysis/load.h"

#define TIDY_WHY 512

/* The document to an open file. Returns 0 or -errno. */
int tidy_print(const struct experiment *experiment, FILE *file);

/*
 * Writes it to directory/summary.csv; an older one is replaced when the new one is whole. Returns
 * 0, or -errno with a line in why.
 */
int tidy_write(const struct experiment *experiment, const char *directory, char why[TIDY_WHY]);

#endif
