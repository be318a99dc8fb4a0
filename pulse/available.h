/*
 * available.h - the memory that this machine can still give without swapping, by its own estimate.
 */
#ifndef PULSE_AVAILABLE_H
#define PULSE_AVAILABLE_H

#include <stdbool.h>
#include <stdint.h>

struct available {
	int fd;		/* of /proc/meminfo */
	uint64_t total; /* bytes */
};

/* Returns 0 or -errno; then the others may be called all the same, and fd is -1. */
int available_open(struct available *available);

void available_close(struct available *available);

/*
 * MemAvailable of proc(5) and the free pages that the CPUs keep at hand, in bytes; UINT64_MAX where
 * it is not told.
 */
uint64_t available_read(const struct available *available);

/*
 * Is it less than that? Looks at the CPUs' pages only where MemAvailable alone is: costs one
 * pread() otherwise, some tens of microseconds.
 */
bool available_is_below(const struct available *available, uint64_t floor);

/* What should stay: a twentieth of all memory, 512 MiB at least, but never above a quarter. */
uint64_t available_default_floor(const struct available *available);

#endif
