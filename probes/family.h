/*
 * family.h - the processes of the server as /proc tells them: the one that the probe was told, and
 * its descendants that run the same program, also those that are forked while the probe runs.
 *
 * It does not need eBPF, and allocates nothing. A process's children stand in
 * /proc/PID/task/TID/children of the thread that forked them (CONFIG_PROC_CHILDREN); a kernel
 * without that file shows none.
 */
#ifndef PROBES_FAMILY_H
#define PROBES_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FAMILY_MOST 1024

struct member {
	uint32_t pid;
	int tasks;    /* /proc/PID/task: never another process, even if its number is used again */
	int smaps;    /* /proc/PID/smaps_rollup; -1: closed to us */
	uint64_t cpu; /* ns, when it was read last */
};

struct family {
	struct member list[FAMILY_MOST];
	size_t count;
	uint64_t left_out; /* processes that did not fit */
	dev_t device;	   /* the program's file */
	ino_t inode;	   /* 0: not known */
};

/*
 * Finds the descendants that there are already, while the probe still has the right to open their
 * smaps_rollup. Returns 0, or -errno when that process cannot be looked at.
 */
int family_open(struct family *family, uint32_t pid);

/* Adds the children of a thread of a member. */
void family_add_children(struct family *family, size_t member, uint32_t thread);

/*
 * Whether a process runs another program, as a helper does. Where we may not look it counts as one
 * of the server.
 */
bool family_is_strange(const struct family *family, uint32_t pid);

/* Forgets a member that has ended: the last one takes its place. */
void family_remove(struct family *family, size_t member);

/* Reads a file below the member's folder of tasks. Returns 0, or -errno. */
int family_read(const struct family *family, size_t member, uint32_t thread, const char *name,
		char *text, size_t room);

void family_close(struct family *family);

#endif
