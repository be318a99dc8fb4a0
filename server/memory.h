/*
 * memory.h - what this process holds, by its own look at /proc/self/statm.
 *
 * The file is opened before there are connections: once they have taken all descriptors, there is
 * none to look with.
 */
#ifndef SERVER_MEMORY_H
#define SERVER_MEMORY_H

#include <stdint.h>

#define MEMORY_UNKNOWN UINT64_MAX

/*
 * Returns a descriptor for memory_anonymous(), or -errno, with which that is unknown. It tells of
 * the process that opened it, also after a fork: a child opens its own.
 */
int memory_open(void);

/* Anonymous resident bytes (resident less shared pages), or MEMORY_UNKNOWN. From any thread. */
uint64_t memory_anonymous(int statm);

/* By how many bytes it fell; 0 when it rose, or one of both is unknown. */
uint64_t memory_fell(uint64_t before, uint64_t after);

#endif
