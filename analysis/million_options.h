/*
 * million_options.h - the command line of `tidemark million`.
 */
#ifndef ANALYSIS_MILLION_OPTIONS_H
#define ANALYSIS_MILLION_OPTIONS_H

#include <stdint.h>

#include "server/base/options.h"

struct million_options {
	uint64_t connections;
	uint64_t hold;	       /* ns */
	uint64_t memory_floor; /* bytes that stay available */
	const char *allocator;
	const char *peers; /* folder of the bare pair; NULL: it does not run */
	const char *runs;
	int warm;
	int json;
	int help;
};

/* Returns 0, or -EINVAL with one line in why. */
int million_options_parse(struct million_options *options, int argc, char *const argv[],
			  char why[OPTIONS_WHY]);

void million_options_help(FILE *file);

#endif
