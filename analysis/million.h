/*
 * million.h - `tidemark million`: as many connections as this machine holds, and what each costs.
 */
#ifndef ANALYSIS_MILLION_H
#define ANALYSIS_MILLION_H

#include <limits.h>
#include <stdint.h>

#include "analysis/million_options.h"
#include "analysis/million_plan.h"

#define MILLION_WHY OPTIONS_WHY

/* What all parts of a study know. */
struct million {
	struct million_options options;
	struct million_plan plan;
	char programs[PATH_MAX];  /* folder of server-NAME, probe and pulse */
	char directory[PATH_MAX]; /* of the records; its name ends in .part until all are in it */
	int signals;		  /* readable when the user wants to stop */
};

/* Sleeps so many ms. Returns 0, or -EINTR when the user wants to stop. */
int million_wait(const struct million *million, int ms);

/* argv[0] is "million". Returns the exit status. */
int million(int argc, char *const argv[]);

#endif
