/*
 * rehearse.h - would these programs take these options, and how long will it take? Asked of the
 * programs themselves, before anything runs.
 */
#ifndef ANALYSIS_REHEARSE_H
#define ANALYSIS_REHEARSE_H

#include "analysis/matrix.h"
#include "analysis/run.h"

/*
 * Has each server check its options and knobs, and pulse tell its schedule; sets what each cell is
 * expected to take. A program that refuses says why on stderr itself. Returns 0, or -EINVAL with
 * a line in why where nobody has said anything yet, else an empty one.
 */
int rehearse(const struct run_context *context, struct matrix *matrix, char why[RUN_WHY]);

#endif
