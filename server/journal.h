/*
 * journal.h - the lines that a server prints while connections come and go (--log-every).
 */
#ifndef SERVER_JOURNAL_H
#define SERVER_JOURNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/base/status.h"

struct journal {
	const struct status_page *status;
	int statm;
	pthread_mutex_t lock;
	uint64_t step;	/* clients between two lines; 0: silent */
	uint64_t last;	/* clients at the newest line, in whole steps */
	uint64_t cycle; /* how many times the number of clients began to rise */
	bool rising;
};

/* statm: of memory_open(); stays the caller's. */
void journal_init(struct journal *journal, uint64_t step, const struct status_page *status,
		  int statm);
void journal_free(struct journal *journal);

/* Prints a line when the number of clients of all loops has passed a multiple of step. */
void journal_note(struct journal *journal);

/* Prints what the server did in all its life. */
void journal_summary(const struct journal *journal, const struct status_slot *account);

#endif
