/*
 * tracer.h - the eBPF part of the probe as a whole: start it, let it read while sampling goes on,
 * stop it and write its records.
 *
 * What this machine does not allow is left out and said so in the report; a tracer of which nothing
 * is left still starts.
 */
#ifndef PROBES_TRACER_H
#define PROBES_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "server/base/record.h"

struct tracer;

struct tracer_options {
	uint32_t pid;
	bool churn;   /* also count what accept and close allocate */
	FILE *report; /* gets the attach report */
};

/*
 * Creates the record's files in the folder (NULL: none), whose name the caller keeps: releases.csv,
 * stacks.txt, events.csv, processes.csv, bill.csv, losses.csv and, with churn, churn.csv. That is
 * done first, because the rights to do it are given up at the start. Returns 0 or -errno.
 */
int tracer_open(struct tracer **tracer, const char *folder, bool churn);

/*
 * Loads, attaches, pins, and drops the capabilities that are not needed from there on. Returns 0
 * or -errno: -ENOMEM; -EPERM, the target's network namespace could not be entered.
 */
int tracer_start(struct tracer *tracer, const struct tracer_options *options);

/*
 * With each sample, each rollup, and when a bill is wanted. They allocate nothing, and do nothing
 * with NULL.
 */
void tracer_sample(struct tracer *tracer);
void tracer_rollup(struct tracer *tracer);
void tracer_bill(struct tracer *tracer);

/*
 * Prints the bill of that server once, with nothing attached for longer than that takes, and says
 * on report what is missing. Returns 0 or -errno: -ENOTCONN, it listens on no TCP port; -EACCES,
 * its sockets are not ours to look at.
 */
int tracer_print_bill(uint32_t pid, bool no_bpf, FILE *file, FILE *report);

/*
 * Writes the record's files and closes them; losses.csv with the rows of what others could not
 * record, the last of which names nothing. Returns 0 or -errno.
 */
int tracer_write(struct tracer *tracer, const struct loss_row *others);

/*
 * Unpins, detaches, unloads, frees, and removes the files that were not written, as far as the
 * rights that are left allow it. Takes NULL.
 */
void tracer_stop(struct tracer *tracer);

#endif
