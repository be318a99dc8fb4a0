/*
 * million_memory.h - what this machine and some processes hold at a moment.
 */
#ifndef ANALYSIS_MILLION_MEMORY_H
#define ANALYSIS_MILLION_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Bytes. */
struct million_memory {
	uint64_t available; /* as million_memory_available() */
	uint64_t slab;	    /* less inodes of /proc, which whoever looks into it leaves behind */
};

/* MemAvailable of proc(5), and the free pages that the CPUs keep at hand, which it leaves out. */
uint64_t million_memory_available(void);

void million_memory_read(struct million_memory *memory);

/* TCP sockets that this network namespace has in use. */
uint64_t million_memory_sockets(void);

/* The anonymous memory of a process and all that it has started, shared pages in proportion. */
uint64_t million_memory_of(pid_t root);

/* The kernel's descriptor tables of the same processes, in bytes: connections have places there. */
uint64_t million_tables_of(pid_t root);

#endif
