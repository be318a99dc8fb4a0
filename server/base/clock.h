/*
 * clock.h - the one clock of the project: nanoseconds of CLOCK_MONOTONIC.
 *
 * Every record carries these, so that all files of a run lie on one axis; the pair with real time
 * and the boot id lets records of other machines be laid beside them.
 */
#ifndef SERVER_BASE_CLOCK_H
#define SERVER_BASE_CLOCK_H

#include <stdint.h>

#define BOOT_ID_LENGTH 36

struct clock_stamp {
	uint64_t monotonic; /* ns */
	uint64_t realtime;  /* ns since 1970, read at the same moment */
	char boot_id[BOOT_ID_LENGTH + 1];
};

/* Now, in ns. Costs a vDSO call, no system call. */
uint64_t clock_now(void);

/* CPU time of the calling thread, in ns. Costs a system call. */
uint64_t clock_thread(void);

/* Fills *stamp; boot_id is empty where /proc does not tell it. */
void clock_stamp(struct clock_stamp *stamp);

/* Sleeps until that moment of clock_now(); returns early when a signal arrives. */
void clock_sleep_until(uint64_t moment);

#endif
