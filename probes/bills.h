/*
 * bills.h - takes bills while sampling goes on: on a thread of its own, because walking 10,000
 * connections takes ten times the sampler's interval.
 */
#ifndef PROBES_BILLS_H
#define PROBES_BILLS_H

#include <stdint.h>
#include <stdio.h>

#include "probes/programs.h"
#include "probes/tables.h"

struct bills;

/* Finds out how bills are to be had of that server. Returns NULL when there is no memory. */
struct bills *bills_new(const struct programs *programs, uint32_t pid);

/* Starts the thread. Returns 0 or -errno. */
int bills_start(struct bills *bills);

/* Asks for one bill, soon; asked twice before it is taken, it is taken once. */
void bills_ask(struct bills *bills);

/* Waits for the thread to end. No bill is asked for after this. */
void bills_stop(struct bills *bills);

/* Appends them to a file that record_begin() has opened. Returns 0 or -errno. */
int bills_write(const struct bills *bills, FILE *file);

/* What was too much for the reader of bills. */
const struct losses *bills_losses(const struct bills *bills);

/* Bills that could not be read, or for which there was no room. */
uint64_t bills_dropped(const struct bills *bills);

/* Takes NULL. */
void bills_free(struct bills *bills);

#endif
