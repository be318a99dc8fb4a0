/*
 * options.h - the probe's command line.
 */
#ifndef PROBES_OPTIONS_H
#define PROBES_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "server/base/options.h"

struct probe_options {
	uint64_t pid; /* one of these three names the server; the others are 0 or NULL */
	uint64_t port;
	const char *status;
	const char *record; /* a folder; NULL: nothing is written */
	uint64_t interval;
	uint64_t rollup;
	uint64_t duration; /* of the record; 0: nothing is recorded */
	int ready_fd;
	int bill; /* print it once and exit */
	int churn;
	int no_bpf;
	int help;
};

/* Returns 0, or -EINVAL with a line in why. */
int probe_options_parse(struct probe_options *options, int argc, char *const argv[],
			char why[OPTIONS_WHY]);

/* Prints --help. */
void probe_options_help(FILE *file);

#endif
