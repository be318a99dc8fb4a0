/*
 * stat.h - one line of /proc/PID/stat, or of /proc/PID/task/TID/stat, taken apart.
 */
#ifndef SERVER_BASE_STAT_H
#define SERVER_BASE_STAT_H

#include <stdint.h>

#include "server/base/record.h"

struct stat_line {
	char name[RECORD_NAME]; /* fit for a CSV file: see stat_parse() */
	uint32_t parent;
	uint32_t flags; /* STAT_ */
	uint64_t minor_faults;
	uint64_t major_faults;
	uint64_t user; /* in ticks of sysconf(_SC_CLK_TCK) */
	uint64_t system;
	uint64_t threads;
	uint64_t started; /* ticks after boot */
};

#define STAT_KERNEL_THREAD 0x00200000 /* PF_KTHREAD of include/linux/sched.h */

/*
 * Returns 0, or -EPROTO for what is no such line. A thread may call itself anything, also "a)
 * R,\n"; of its name only letters, digits and what cannot be mistaken in a CSV file are kept, '_'
 * stands for the rest.
 */
int stat_parse(const char *text, struct stat_line *line);

/* The line of a process. Returns 0 or -errno: -ENOENT, no such process. */
int stat_read(struct stat_line *line, uint32_t pid);

#endif
