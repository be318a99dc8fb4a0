/*
 * page.h - the parts of report.html.
 */
#ifndef ANALYSIS_PAGE_H
#define ANALYSIS_PAGE_H

#include <stdio.h>

#include "analysis/bars.h"
#include "analysis/panels.h"
#include "analysis/summary.h"

extern const char page_style[]; /* CSS: light, dark, print, narrow */

/* From the doctype to the sentence at the top. Returns 0 or -ENOMEM. */
int page_head(FILE *page, const struct summary *summary);

/* The two tables with their legends and notes. */
void page_tables(FILE *page, const struct summary *summary, const struct panels *panels);

/* How to read the bars of the bill, and what they are made of; there must be one. */
void page_bill_legend(FILE *page, const struct bars *bars);

/* How to read the figures. */
void page_figures_legend(FILE *page, const struct summary *summary);

/* Void runs, and all that was run: command, allocators, machine. */
void page_voids(FILE *page, const struct summary *summary);
void page_setting(FILE *page, const struct summary *summary);

#endif
