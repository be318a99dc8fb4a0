/*
 * million_result.h - what a study found: as a table, as JSON, and drawn.
 */
#ifndef ANALYSIS_MILLION_RESULT_H
#define ANALYSIS_MILLION_RESULT_H

#include <jansson.h>
#include <stdio.h>

#include "analysis/million_bare.h"
#include "analysis/million_pass.h"

enum million_state {
	MILLION_COLD, /* memory as the machine had it */
	MILLION_WARM, /* touched before; without --warm there is no such run */
	MILLION_STATES,
};

struct million_result {
	struct million_bill bill;
	struct million_pass passes[MILLION_STATES]; /* without a sample: did not run */
	struct million_bare bares[MILLION_STATES];  /* establish 0: did not run */
};

/* The pass that was held, whose memory is told. */
const struct million_pass *million_result_held(const struct million_result *result);

void million_result_print(const struct million_result *result, const struct million *million,
			  FILE *file);

/* The caller's. reason: why it is void; NULL: it is not. */
json_t *million_result_json(const struct million_result *result, const struct million *million,
			    const char *reason);

/*
 * growth.csv, cold-growth.csv where both were run, and growth.svg, in the directory. Returns 0, or
 * -errno with a line in why.
 */
int million_result_draw(const struct million_result *result, const struct million *million,
			char why[MILLION_WHY]);

#endif
