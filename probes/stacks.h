/*
 * stacks.h - user stacks of releases, as "file+offset" for addr2line and people.
 *
 * The eBPF programs note for each address which file it is in, at the moment of the call: the
 * server may be gone when the stacks are written, may have loaded more, or run another program.
 * Where they cannot (before Linux 5.17), the mappings that it had at the begin must do; what these
 * do not have shows as a plain address.
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
 * Writes a line for each stack: its number, then the frames, innermost first. Returns 0 or -errno.
 */
int stacks_write(const struct stacks *stacks, FILE *file);

#endif
