/*
 * available.h - the memory that this machine can still give without swapping, by its own estimate.
 */
#ifndef PULSE_AVAILABLE_H
#define PULSE_AVAILABLE_H

#include <stdint.h>

struct available {
	int fd;		/* of /proc/meminfo */
	uint64_t total; /* bytes */
};

/* Returns 0 or -errno; then the others may be called all the same, and fd is -1. */
int available_open(struct available *available);

void available_close(struct available *available);

/*
 * MemAvailable of proc(5) in bytes; UINT64_MAX where it is not told. There may be more: it leaves
 * out the free pages that the CPUs keep at hand (million_memory_available() in analysis/ adds
 * them). Costs one pread(), some tens of microseconds.
 */
uint64_t available_read(const struct available *available);

/* What should stay: a twentieth of all memory, 512 MiB at least, but never above a quarter. */
uint64_t available_default_floor(const struct available *available);

#endif
