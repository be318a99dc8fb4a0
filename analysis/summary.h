/*
 * summary.h - the rows of the table: complete runs that agree in all factors, with the median of
 * each metric, its interval, and how it differs from the control; and what has to be said below.
 *
 * The table for people, the JSON, the sentence and the report all read these.
 */
#ifndef ANALYSIS_SUMMARY_H
#define ANALYSIS_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/difference.h"
#include "analysis/estimate.h"
#include "analysis/forms.h"
#include "analysis/load.h"

struct summary_row {
	const struct run *first; /* the first of these runs; it names the row's factors */
	size_t runs;
	struct measure metrics[METRIC_COUNT];	 /* medians */
	struct interval intervals[METRIC_COUNT]; /* of these */
	const struct summary_row *control;	 /* contrast.h; NULL: there is none */
	struct difference differences[METRIC_COUNT];
};

struct summary {
	const struct experiment *experiment;
	struct summary_row *rows; /* by allocator, then the other factors; native before others */
	size_t count;
	bool shown[FACTOR_COUNT]; /* allocator and release, and what else differs between rows */
	bool repeated;		  /* some row stands for several runs */
	size_t voids;
};

/* The experiment must outlive the summary. Returns 0 or -ENOMEM. */
int summary_build(struct summary *summary, const struct experiment *experiment);

void summary_free(struct summary *summary);

/* Is the run one of the row's? */
bool summary_holds(const struct summary_row *row, const struct run *run);

/* Was anything asked and answered in any of the rows? */
bool summary_talks(const struct summary *summary);

/* Has this form a column in that block of this summary? */
bool summary_shows(const struct summary *summary, const struct metric_form *form,
		   enum form_block block);

/*
 * What a reader must know of this row beside its numbers: that its floor is censored by the window
 * rule (metrics.h), or that its releases gave back next to nothing. text has room for SUMMARY_NOTE.
 * Returns text, or NULL when there is nothing to note.
 */
#define SUMMARY_NOTE 512
const char *summary_note(char text[SUMMARY_NOTE], const struct summary *summary,
			 const struct summary_row *row);

/* A factor of the row as it is shown; "-" where it is unknown. */
const char *summary_factor(const struct summary_row *row, int factor);

/* "footprint 256, survivors 1%": what tells the run from others beside allocator and release. */
const char *summary_label(char text[SUMMARY_NOTE], const struct summary *summary,
			  const struct run *run);

#endif
