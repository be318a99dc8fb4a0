/*
 * verdict.h - did a run do its work? And run.json, which says so with all that it takes to repeat
 * the run.
 */
#ifndef ANALYSIS_VERDICT_H
#define ANALYSIS_VERDICT_H

#include "analysis/cast.h"

/* 1, with the reason in why, when the server's memory limit has ended it; 0 otherwise. */
int verdict_on_limit(const struct cast *cast, char why[RUN_WHY]);

/*
 * Before the programs are stopped, when server or probe has ended early: 1, with the reason in why,
 * where an exit status will not tell it.
 */
int verdict_on_early_end(struct cast *cast, char why[RUN_WHY]);

/* After all programs have ended: 0 for a complete run, or 1 with the reason in why. */
int verdict_of(struct cast *cast, char why[RUN_WHY]);

/* Writes run.json; void_reason is NULL for a complete run. Returns 0 or -errno. */
int verdict_write(const struct cast *cast, const struct cell *cell, const char *void_reason);

#endif
