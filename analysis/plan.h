/*
 * plan.h - experiment.json: what was asked for, on which machine, and in which sessions it was run.
 */
#ifndef ANALYSIS_PLAN_H
#define ANALYSIS_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "analysis/matrix.h"
#include "analysis/options.h"

#define PLAN_WHY OPTIONS_WHY

/* argv: the command that began it. The caller's to free; NULL without memory. */
json_t *plan_new(char *const *argv, const struct run_options *options, const struct matrix *matrix);

/* Reads directory/experiment.json. Returns NULL with a line in why. */
json_t *plan_load(const char *directory, char why[PLAN_WHY]);

/*
 * Fills options from the command in plan, which must outlive them, as argv itself: an array for
 * the caller to free. Returns 0, or -EINVAL or -ENOMEM with a line in why.
 */
int plan_options(const json_t *plan, struct run_options *options, char ***argv, char why[PLAN_WHY]);

/*
 * Notes that a session begins. done: runs that were over before it. Writes to differs what is
 * another than at the beginning ("kernel 6.1.0 (was 5.15.0)"), or "".
 */
int plan_add_session(json_t *plan, size_t done, char differs[PLAN_WHY]);

/* Notes what touching a page costs now, when all runs are over. */
void plan_finish(json_t *plan);

/* Has that been noted? Who is killed behind the last run leaves it to the next session. */
bool plan_is_finished(const json_t *plan);

#endif
