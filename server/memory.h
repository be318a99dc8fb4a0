/*
 * memory.h - what this process holds, by its own look at /proc/self/statm.
 */
#ifndef SERVER_MEMORY_H
#define SERVER_MEMORY_H

#include <stdint.h>

/* Anonymous resident bytes (resident less shared pages), or 0 where /proc is not there. */
uint64_t memory_anonymous(void);

#endif
