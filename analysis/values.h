/*
 * values.h - the lists of an experiment's factors, from the command line.
 */
#ifndef ANALYSIS_VALUES_H
#define ANALYSIS_VALUES_H

#include "analysis/matrix.h"

/*
 * Fills the values, controls and commands of matrix: lists split and checked, standards and
 * controls added. folder: of the programs. Returns 0, or -errno with a line in why.
 */
int values_read(struct matrix *matrix, const char *folder, const struct run_options *options,
		char why[MATRIX_WHY]);

#endif
