/*
 * losses.h - connections that were not made, or not kept: by what, and in words.
 */
#ifndef PULSE_LOSSES_H
#define PULSE_LOSSES_H

#include <stddef.h>
#include <stdint.h>

#include "server/base/record.h"

#define LOSSES_TEXT 224 /* room for any losses_describe() */

/* Counts one connection lost to error (an errno) in its class. */
void losses_count(struct phase *phase, int error);

/* Adds the losses of phase to those of total. */
void losses_add(struct phase *total, const struct phase *phase);

uint64_t losses_sum(const struct phase *phase);

/* "30 refused, 7 closed by the server"; "none". Returns text. */
const char *losses_describe(char *text, size_t room, const struct phase *phase);

#endif
