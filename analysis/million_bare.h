/*
 * million_bare.h - the same number with a bare client and server, which do nothing but connect and
 * accept: what our own could reach at the most.
 */
#ifndef ANALYSIS_MILLION_BARE_H
#define ANALYSIS_MILLION_BARE_H

#include <stdint.h>

#include "analysis/million.h"

struct million_bare {
	const char *name; /* begins the names of its files */
	uint64_t warm;	  /* bytes to touch before; 0: none */
	uint64_t touch;	  /* ns, the first touch of a page before it */
	uint64_t warmed;  /* bytes that were touched */
	double establish; /* seconds */
};

/* Returns as million_pass_run(). */
int million_bare_run(struct million_bare *bare, const struct million *million,
		     char why[MILLION_WHY]);

#endif
