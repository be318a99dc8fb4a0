/*
 * journal.h - the lines that a server prints while connections come and go (--log-every).
 */
#ifndef SERVER_JOURNAL_H
#define SERVER_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "server/base/status.h"

struct journal {
	uint64_t step;	/* clients between two lines; 0: silent */
	uint64_t last;	/* clients at the newest line, in whole steps */
	uint64_t cycle; /* how many times the number of clients began to rise */
	bool rising;
};

/* Prints a line when the number of clients has passed a multiple of step. */
void journal_note(struct journal *journal, const struct status_slot *account);

/* Prints what the server did in all its life. */
void journal_summary(const struct status_slot *account);

#endif
