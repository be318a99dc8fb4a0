/*
 * preview.h - tidemark run --dry-run: the runs, and the time that they will take.
 */
#ifndef ANALYSIS_PREVIEW_H
#define ANALYSIS_PREVIEW_H

#include <stdio.h>

#include "analysis/matrix.h"

/* Of the runs that are not finished (NULL: none is). Returns 0 or -ENOMEM. */
int preview_print(const struct matrix *matrix, const bool *finished, bool json, FILE *file);

#endif
