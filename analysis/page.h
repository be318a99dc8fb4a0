/*
 * page.h - the parts of report.html, in the order of the page.
 */
#ifndef ANALYSIS_PAGE_H
#define ANALYSIS_PAGE_H

#include <stdio.h>

#include "analysis/figures.h"
#include "analysis/summary.h"

/* Files that are built in. CSS in this order; no </style> or </script> in them. */
extern const char page_style[], page_style_data[], page_style_print[];
extern const char page_script[];

/* From the doctype to the links to the parts. */
void page_head(FILE *page, const struct figures *figures);

/* What the experiment says, in words, and the command that repeats it. Returns 0 or -ENOMEM. */
int page_verdict(FILE *page, const struct figures *figures);

/*
 * A group of figures with how to read them, each figure from its file in folder; nothing when there
 * is no figure. Returns 0, or -errno of the file.
 */
int page_figures(FILE *page, const struct figures *figures, enum figure_group group,
		 const char *folder);

/* Where the group begins, "retention", and what a link to it says. */
const char *page_figures_id(enum figure_group group);
const char *page_figures_name(enum figure_group group);

/* The tables with their legends and notes. */
void page_tables(FILE *page, const struct summary *summary, const struct panels *panels);

/* The table of differences to the controls. */
void page_contrast(FILE *page, const struct summary *summary, const struct panels *panels);

/* What each row of a table begins with: the factors that are shown; of the heads, and of a row. */
void page_row_heads(FILE *page, const struct summary *summary);
void page_row_names(FILE *page, const struct summary *summary, const struct panels *panels,
		    const struct summary_row *row);

/* How to read the bars of the bill, and what they are made of; there must be one. */
void page_bill_legend(FILE *page, const struct bars *bars);

/* What price means, and which rows are on the front. */
void page_tradeoff_legend(FILE *page, const struct figures *figures);

/* What a reader must know of the machine and the runs, beside the figures that it touches. */
void page_warn(FILE *page, const struct figures *figures, enum figure_group group);

/* Void runs, and all that was run: command, allocators, machine. */
void page_voids(FILE *page, const struct summary *summary);
void page_setting(FILE *page, const struct summary *summary);

/* From the footer to the end. */
void page_foot(FILE *page);

#endif
