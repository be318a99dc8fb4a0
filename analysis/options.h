/*
 * options.h - the command line of `tidemark run`.
 */
#ifndef ANALYSIS_OPTIONS_H
#define ANALYSIS_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "analysis/cell.h"
#include "server/base/options.h"

#define RUN_PULSE_WORDS 64 /* behind "--", at the most */
#define RUN_WORDS	64 /* how often one option may be given */

struct words {
	const char *items[RUN_WORDS];
	size_t count;
};

struct run_options {
	struct words lists[CELL_FACTORS]; /* as given; see values.h */
	struct words servers;		  /* that are not ours; see foreign.h */
	uint64_t warmup;		  /* connections */
	uint64_t repeat;
	uint64_t seed;
	uint64_t time_limit;  /* ns, for one run */
	uint64_t start_limit; /* ns, until a server listens */
	const char *label;
	const char *runs;   /* folder of the run directories */
	const char *resume; /* the directory of an experiment to complete, or NULL */
	int dry_run;
	int json;
	int help;
	char *const *pulse; /* what stands behind "--", NULL-terminated */
};

/* Returns 0, or -EINVAL with a line in why. argv[0] is "run"; argv ends with NULL. */
int run_options_parse(struct run_options *options, int argc, char *const argv[],
		      char why[OPTIONS_WHY]);

/* Prints --help. */
void run_options_help(FILE *file);

#endif
