/*
 * stacks.h - user stacks of releases, as "file+offset" for addr2line and people.
 *
 * The server's mappings are read once, at the begin: it may be gone when the stacks are written.
 * What it loads later shows as plain addresses.
 */
#ifndef PROBES_STACKS_H
#define PROBES_STACKS_H

#include <stdint.h>
#include <stdio.h>

#include "probes/programs.h"

struct stacks;

/* Returns NULL when there is no memory or /proc/PID/maps cannot be read. */
struct stacks *stacks_open(const struct programs *programs, uint32_t pid);

/* Takes NULL. */
void stacks_free(struct stacks *stacks);

/*
 * Writes a line for each stack that the map of releases names: its number, then the frames,
 * innermost first. Returns 0 or -errno.
 */
int stacks_write(const struct stacks *stacks, FILE *file);

#endif
