/*
 * outline.h - what a schedule would do, told without doing it: pulse --dry-run.
 */
#ifndef PULSE_OUTLINE_H
#define PULSE_OUTLINE_H

#include <stdio.h>

#include "pulse/schedule.h"

/*
 * Prints a line of CSV for each step: phase, number, connections, and time_ns for which they are
 * held or the rest takes; what connecting takes nobody knows beforehand. Returns 0, or -ERANGE,
 * with nothing printed, when the schedule never ends.
 */
int outline_print(const struct schedule *schedule, FILE *file);

#endif
