/*
 * procfs.h - what /proc and the memory cgroup say of one process.
 *
 * The files are opened once and read with pread() into the stack: sampling allocates nothing.
 */
#ifndef PROBES_PROCFS_H
#define PROBES_PROCFS_H

#include <stdint.h>

#include "server/base/record.h"

struct procfs {
	int statm;
	int smaps_rollup;
	int stat;
	int cgroup; /* -1: no memory cgroup could be read */
	uint64_t page;
	uint64_t tick; /* ns */
};

/* Returns 0 or -errno: -ENOENT, no such process; -EACCES, not ours to look at. */
int procfs_open(struct procfs *procfs, uint32_t pid);

/* Anonymous resident bytes, resident less shared. -ESRCH: the process has ended. */
int procfs_anonymous(const struct procfs *procfs, uint64_t *bytes);

/* Fills all of *rollup but its times, costs and probe_cpu. Returns 0 or -errno. */
int procfs_rollup(const struct procfs *procfs, struct rollup *rollup);

void procfs_close(struct procfs *procfs);

#endif
