/*
 * tradeoff.h - benefit against cost: what each row wastes, and what it pays to waste no more.
 *
 * Rows are laid beside each other when they have the same load: the same in all factors but those
 * that an engineer chooses to lower waste (allocator, release policy, tuning). A smaller footprint
 * wastes less of less, which is no merit.
 */
#ifndef ANALYSIS_TRADEOFF_H
#define ANALYSIS_TRADEOFF_H

#include <stdbool.h>
#include <stdio.h>

#include "analysis/cost.h"
#include "analysis/figure.h"
#include "analysis/panels.h"
#include "analysis/spread.h"

/* What waste is laid against. */
enum price {
	PRICE_TIME,    /* releasing and faulting (cost.h), ms a burst */
	PRICE_LATENCY, /* connect p99 of the last burst, us */
	PRICES
};

struct tradeoff {
	struct spread *waste;	      /* MiB s, of each row */
	struct spread *price[PRICES]; /* of each row */
	struct spread *releasing, *faulting;
	struct spread *answering; /* CPU time an operation, us; NAN where nothing was said */
	bool *front[PRICES]; /* nothing of the same load has both less waste and a lower price */
	size_t *loads;	     /* of each row, counted from 0 */
	size_t load_count;
	size_t count; /* rows */
	double touch; /* ns for the first touch of a page; NAN: unknown */
};

/* Returns 0 or -ENOMEM. */
int tradeoff_build(struct tradeoff *tradeoff, const struct summary *summary);

void tradeoff_free(struct tradeoff *tradeoff);

/* "footprint 256": what tells the run's load from others in the summary; "" when there is one. */
const char *tradeoff_load(char text[SUMMARY_NOTE], const struct summary *summary,
			  const struct run *run);

/* "quiet=1s", with tuning if rows differ in it: what was chosen beside the allocator. */
const char *tradeoff_choice(char text[SUMMARY_NOTE], const struct summary *summary,
			    const struct run *run);

/*
 * Marks the Pareto fronts of points of which less is better in both: front[i] becomes whether no
 * other point of its load is as good in both and better in one. A point with a NAN is not on it.
 */
void tradeoff_find_front(bool *front, const struct spread *x, const struct spread *y,
			 const size_t *loads, size_t count);

/*
 * The rows of one load. Writes the script and fills the figure. Returns 0, -ENODATA without two
 * points, or -ENOMEM.
 */
int tradeoff_draw(FILE *script, struct figure *figure, const struct tradeoff *tradeoff,
		  enum price price, size_t load, const struct summary *summary,
		  const struct panels *panels);

#endif
