/*
 * options.h - the command line of `tidemark run`.
 */
#ifndef ANALYSIS_OPTIONS_H
#define ANALYSIS_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "server/base/options.h"

#define RUN_PULSE_WORDS 64 /* behind "--", at the most */

struct run_options {
	const char *allocators; /* comma-separated; NULL: all that are built */
	const char *releases;	/* comma-separated */
	const char *footprint;
	const char *survivors;
	uint64_t memory_limit; /* bytes; 0: none */
	uint64_t warmup;       /* connections */
	uint64_t repeat;
	uint64_t seed;
	uint64_t time_limit; /* ns, for one run */
	const char *label;
	const char *runs; /* folder of the run directories */
	int json;
	int help;
	char *const *pulse; /* what stands behind "--", NULL-terminated */
};

/* Returns 0, or -EINVAL with a line in why. argv[0] is "run". */
int run_options_parse(struct run_options *options, int argc, char *const argv[],
		      char why[OPTIONS_WHY]);

/* Prints --help. */
void run_options_help(FILE *file);

#endif
