/*
 * targets.h - the map of followed processes: the server, and the workers that it has forked before
 * the probe came. Those that it forks later are followed by the kernel's side, follow.bpf.c.
 */
#ifndef PROBES_TARGETS_H
#define PROBES_TARGETS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Adds the process and its descendants that run the same program. Returns their number, or -errno.
 */
int targets_add(int map, uint32_t pid, bool has_markers);

/*
 * NULL; or, where the probe is in a pid namespace of its own, why the eBPF programs cannot know the
 * server by the number that it has here.
 */
const char *targets_refused(void);

/* Moves the calling thread into the process's network namespace. Returns 0 or -errno. */
int targets_enter_network(uint32_t pid);

#endif
