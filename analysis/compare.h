/*
 * compare.h - `tidemark compare A B`: what changed between two run directories.
 */
#ifndef ANALYSIS_COMPARE_H
#define ANALYSIS_COMPARE_H

#include <jansson.h>
#include <stdio.h>

#include "analysis/comparison.h"

/* argv[0] is "compare". Returns the exit status. */
int compare(int argc, char *const argv[]);

/* For people. Returns 0 or -errno. */
int comparison_print(const struct comparison *comparison, FILE *file);

/* The same as JSON, for the caller to free; NULL when there is no memory. */
json_t *comparison_json(const struct comparison *comparison);

#endif
