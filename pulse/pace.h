/*
 * pace.h - the plan of an open loop: when each operation is to be sent, whatever became of the
 * others, and on which connection.
 *
 * Operation n is planned n / rate after the start. Loops that share the plan take them in turns,
 * and so do the connections of each loop, so that each has its turn at even distances. Knows no
 * clock: moments are given.
 */
#ifndef PULSE_PACE_H
#define PULSE_PACE_H

#include <stdint.h>

/* Operations a second. Each of the plan is looked at, sent or not: with more, answers wait. */
#define PACE_MOST 100000000

struct pace {
	uint64_t start; /* ns */
	uint64_t end;	/* ns; what would be planned from here on is not */
	uint64_t rate;	/* operations a second, not 0 */
	uint64_t turns; /* connections */
	uint64_t loops; /* that share the plan: of its operations, every loops-th ... */
	uint64_t index; /* ... beginning with this one, counted anew from 0 */
};

/* When that operation is planned, in ns. */
uint64_t pace_planned(const struct pace *pace, uint64_t operation);

/* How many operations are planned before that moment, at most those before the end. */
uint64_t pace_until(const struct pace *pace, uint64_t moment);

/* How many operations, that one and later ones, its connection has before the end. */
uint64_t pace_left(const struct pace *pace, uint64_t operation);

#endif
