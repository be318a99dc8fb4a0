/*
 * bars.h - the kernel memory of a connection as stacked bars, one for each row of the table, or a
 * single one where all runs agree.
 */
#ifndef ANALYSIS_BARS_H
#define ANALYSIS_BARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analysis/bill.h"
#include "analysis/figure.h"
#include "analysis/summary.h"

#define BAR_NAME SUMMARY_NOTE

struct bar {
	struct bill bill;
	char name[BAR_NAME]; /* "glibc quiet=1s"; "" for all */
};

struct bars {
	struct bar *list;
	size_t count; /* 0: no run has counted the kernel memory of any connection */
	bool agree;   /* the one bar stands for all runs (bill_agrees()) */
};

/* The summary must outlive the bars. Returns 0 or -ENOMEM. */
int bars_build(struct bars *bars, const struct summary *summary);

void bars_free(struct bars *bars);

/* Writes the script and fills the figure. Returns 0, -ENODATA without bars, or -ENOMEM. */
int bars_draw(FILE *script, struct figure *figure, const struct bars *bars);

/* The colour of an item, as "#1F83C6". */
const char *bars_colour(enum bill_item item);

#endif
