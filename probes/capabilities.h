/*
 * capabilities.h - which rights the probe has, and giving up those that it does not need.
 *
 * Knows what the eBPF part needs; what root's own files allow needs no capability.
 */
#ifndef PROBES_CAPABILITIES_H
#define PROBES_CAPABILITIES_H

#include <stddef.h>

/* Drops, for good, all that starting the probe does not need. Returns 0 or -errno. */
int capabilities_keep_for_start(void);

/* Drops, for good, all that running it does not need, once all is attached. */
int capabilities_keep_for_run(void);

/* Writes the names of those in effect ("CAP_BPF", "none"), for a message. Returns text. */
const char *capabilities_list(char *text, size_t room);

/*
 * Writes why the kernel said "not permitted": the capability that is missing, or lockdown. also is
 * what this step needs besides those for eBPF (CAP_SYS_ADMIN), negative where it needs no more.
 */
void capabilities_explain(char *why, size_t room, int also);

#endif
