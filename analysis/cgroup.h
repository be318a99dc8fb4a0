/*
 * cgroup.h - a memory cgroup for one server, so that a limit can be laid on it.
 *
 * Works with cgroup v1 and v2, where their file systems are mounted in /sys/fs/cgroup.
 */
#ifndef ANALYSIS_CGROUP_H
#define ANALYSIS_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define CGROUP_PREFIX "tidemark-" /* of a name; the pid of its tidemark follows */

struct cgroup {
	char path[PATH_MAX];
	char procs[PATH_MAX]; /* the file to enter it by */
	bool v2;
};

/*
 * Makes a child of our own memory cgroup with that limit in bytes, and removes those that a killed
 * tidemark left. Returns 0 or -errno: -ENODEV when there is no memory controller, -EACCES without
 * the right.
 */
int cgroup_create(struct cgroup *cgroup, const char *name, uint64_t limit);

/* How many of its processes the kernel has killed for want of memory. */
uint64_t cgroup_kills(const struct cgroup *cgroup);

/* Its processes must have ended. */
void cgroup_remove(const struct cgroup *cgroup);

/*
 * Which version holds the memory controller (1, 2, or 0: none), and the limit on our own cgroup in
 * bytes (UINT64_MAX: none).
 */
int cgroup_own(uint64_t *limit);

#endif
