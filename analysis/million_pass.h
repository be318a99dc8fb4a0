/*
 * million_pass.h - one time up and down: server and pulse, all connections, memory as they come.
 */
#ifndef ANALYSIS_MILLION_PASS_H
#define ANALYSIS_MILLION_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/million.h"
#include "analysis/million_bill.h"
#include "analysis/million_memory.h"

#define MILLION_STEPS	24 /* readings while it grows */
#define MILLION_SAMPLES (MILLION_STEPS + 4)

struct million_sample {
	uint64_t time; /* ns */
	uint64_t connections;
	struct million_memory machine; /* with what is held warm counted as available */
	uint64_t server, pulse;	       /* bytes of anonymous memory of their processes */
	uint64_t tables;	       /* bytes of the descriptor tables of both */
};

struct million_pass {
	/* What it is to do. */
	const char *name; /* begins the names of its files */
	uint64_t connections;
	uint64_t hold;		   /* ns */
	uint64_t warm;		   /* bytes to touch before; 0: none */
	struct million_bill *bill; /* to be read while connections are open; NULL: not */
	/* What it found. */
	uint64_t touch;	 /* ns, the first touch of a page before it */
	uint64_t warmed; /* bytes that were touched */
	struct million_sample samples[MILLION_SAMPLES]; /* the first without a connection */
	size_t count;
	struct million_sample full, after; /* when all are open; when all are closed */
	double establish, close;	   /* seconds */
};

/*
 * Returns 0; 1 when it is void, with the reason in why; -EINTR; or another -errno with a line in
 * why. Leaves no process behind.
 */
int million_pass_run(struct million_pass *pass, const struct million *million,
		     char why[MILLION_WHY]);

/* Whether this machine's limits and memory allow it: as million_pass_run(), by pulse's word. */
int million_pass_check(const struct million *million, char why[MILLION_WHY]);

#endif
