/*
 * rows.h - a record file of a run's folder, with what is wrong with it as one line.
 */
#ifndef ANALYSIS_ROWS_H
#define ANALYSIS_ROWS_H

#include <stddef.h>

#include "server/base/record.h"

#define ROWS_WHY 512

/*
 * Reads folder/name into an array for the caller to free. rows is the address of the pointer to it,
 * whatever its type. Returns 0, or -errno with one line in why; then the array is NULL and empty.
 */
int rows_load(const struct record_kind *kind, const char *folder, const char *name, void *rows,
	      size_t *count, char why[ROWS_WHY]);

#endif
