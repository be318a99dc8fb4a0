/*
 * churn.h - what accept and close allocate and free, by slab cache, as churn.bpf.c counts it.
 */
#ifndef PROBES_CHURN_H
#define PROBES_CHURN_H

#include <stdio.h>

#include "probes/programs.h"

/* Writes a row for each call and cache. Returns 0 or -errno. */
int churn_write(const struct programs *programs, FILE *file);

#endif
