/*
 * options.h - the command line of pulse, and that of the original pulse program.
 */
#ifndef PULSE_OPTIONS_H
#define PULSE_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "pulse/connector.h"
#include "pulse/schedule.h"
#include "pulse/sources.h"
#include "pulse/survivors.h"
#include "server/base/address.h"
#include "server/base/options.h"

/* struct pulse_options, memory_floor: not given, so that the machine decides. */
#define PULSE_DEFAULT_FLOOR UINT64_MAX

/*
 * The options of the original program, which meant whole seconds where they meant times. It had no
 * idle window of its own: with any of these, the window is as long as the gap.
 */
struct original_options {
	uint64_t big;
	uint64_t i;
	uint64_t bs;
	uint64_t small;
	uint64_t ss;
	uint64_t l;
};

struct pulse_options {
	struct address connect;
	struct schedule schedule;
	struct original_options original;
	enum survivor_order survivor_order;
	uint64_t seed;
	uint64_t rate;	/* connects a second; 0: as fast as it goes */
	uint64_t loops; /* in each process */
	struct sources sources;
	uint64_t memory_floor; /* bytes that stay available; 0: nobody looks */
	int strict;
	struct speech speech;
	struct active active;	  /* the connections that talk */
	uint64_t start_at;	  /* ns of clock_now(), when the schedule begins; 0: at once */
	const char *latency_file; /* NULL: none */
	const char *traffic;	  /* the record traffic.csv; NULL: none */
	int json;
	int merge;
	char *const *files; /* to be merged; NULL-terminated */
	const char *record; /* NULL: none */
	int ready_fd;	    /* -1: none */
	int dry_run;
	int check;
	int help;
};

/*
 * Fills *options, defaults included. Returns 0, or -EINVAL and one line that names the option and
 * the fix in why.
 */
int pulse_options_parse(struct pulse_options *options, int argc, char *const argv[],
			char why[OPTIONS_WHY]);

void pulse_options_help(FILE *file);

/* "5000/s" or "5000": a number a second. Returns 0, -EINVAL or -ERANGE. */
int pulse_parse_rate(const char *text, uint64_t *rate);

#endif
