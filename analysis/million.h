/*
 * million.h - `tidemark million`: as many connections as this machine holds, and what each costs.
 */
#ifndef ANALYSIS_MILLION_H
#define ANALYSIS_MILLION_H

#include <limits.h>
#include <stdint.h>

#include "analysis/child.h"
#include "analysis/million_options.h"
#include "analysis/million_plan.h"

#define MILLION_WHY OPTIONS_WHY

/* What the user says with SIGINT and SIGTERM: with the first one stop, with the second at once. */
struct million_signals {
	int fd;
	unsigned int count; /* that have come */
};

/* What all parts of a study know. */
struct million {
	struct million_options options;
	struct million_plan plan;
	char programs[PATH_MAX];  /* folder of server-NAME, probe and pulse */
	char directory[PATH_MAX]; /* of the records; its name ends in .part until all are in it */
	struct million_signals *signals;
};

/* Sleeps so many ms. Returns 0, or -EINTR when the user wants to stop. */
int million_wait(const struct million *million, int ms);

/*
 * Asks a child to end and waits; SIGKILL after the time is up, or with the user's second signal,
 * which is said. Harmless when it has ended.
 */
void million_stop(const struct million *million, struct child *child, uint64_t timeout);

/* argv[0] is "million". Returns the exit status. */
int million(int argc, char *const argv[]);

#endif
