/*
 * cost.h - what giving memory back costs the server, as milliseconds of its own time a burst.
 *
 *   releasing  time in which the server gave memory back instead of serving: the stalls of the
 *              policy's releases, and the system calls that give memory back outside of them (the
 *              allocator by itself; only the probe's eBPF part knows these). Of the whole run,
 *              shared among its bursts
 *   faulting   pages that the last burst faulted in, times what the first touch of a page costs on
 *              this machine (experiment.json has it from before and after; the mean). 0 when the
 *              run has one burst: all that it touches is new to any allocator
 *
 * Without the probe's eBPF part releasing is unknown, not 0.
 *
 * An estimate, and on one thread a lower bound: it leaves out the user-space work of an allocator
 * that gives back in small steps, and what a release does to the caches.
 */
#ifndef ANALYSIS_COST_H
#define ANALYSIS_COST_H

#include <jansson.h>

#include "analysis/load.h"

struct cost {
	double releasing, faulting; /* ms a burst; NAN where it is unknown */
};

/* ns for the first touch of a page, by experiment.json; NAN where it does not say. */
double cost_touch(const json_t *about);

/* The run must not be void. */
struct cost cost_of(const struct run *run, double touch);

#endif
