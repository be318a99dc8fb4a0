/*
 * procfs.h - what /proc and the memory cgroup say of one process.
 *
 * The files are opened once and read with pread() into the stack: sampling allocates nothing.
 */
#ifndef PROBES_PROCFS_H
#define PROBES_PROCFS_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/family.h"
#include "server/base/record.h"

struct procfs {
	int statm;
	int smaps_rollup;
	int stat;
	int cgroup; /* -1: no memory cgroup could be read */
	uint64_t page;
	uint64_t tick; /* ns */
};

/*
 * Has the process a shared mapping of the file of that inode number? Device numbers are not
 * compared: overlayfs and btrfs show others in /proc/PID/maps than in stat(2).
 */
bool procfs_maps(uint32_t pid, uint64_t inode);

/*
 * Returns 0 or -errno: -ENOENT, no such process; -ESRCH, it has ended; -EACCES, not ours to look
 * at; -ENOEXEC, a kernel thread, which has no memory of its own.
 */
int procfs_open(struct procfs *procfs, uint32_t pid);

/* Anonymous resident bytes, resident less shared. -ESRCH: the process has ended. */
int procfs_anonymous(const struct procfs *procfs, uint64_t *bytes);

/* The same of a member of its family. */
int procfs_anonymous_of(const struct procfs *procfs, const struct family *family, size_t member,
			uint64_t *bytes);

/* Adds faults, CPU time and threads of another process, if it is still there. */
void procfs_add_stat(const struct procfs *procfs, uint32_t pid, struct rollup *rollup);

/*
 * Adds what smaps_rollup says of a member of its family. Where it cannot be read, these sums become
 * absent, and -errno is returned; a member that has ended adds nothing. Swap is known all the same,
 * from status, which is open to everybody.
 */
int procfs_add_smaps(const struct family *family, size_t member, struct rollup *rollup);

/* Fills all of *rollup but its times, costs and probe_cpu. Returns 0 or -errno. */
int procfs_rollup(const struct procfs *procfs, struct rollup *rollup);

void procfs_close(struct procfs *procfs);

#endif
