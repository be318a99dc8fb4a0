/*
 * tradeoff.h - benefit against cost: what each row wastes, and what it pays to waste no more.
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
	PRICE_LATENCY, /* connect p99 of the last burst, ms */
	PRICES
};

struct tradeoff {
	struct spread *waste;	      /* MiB s, of each row */
	struct spread *price[PRICES]; /* of each row */
	struct spread *releasing, *faulting;
	bool *front[PRICES]; /* nothing has both less waste and a lower price */
	size_t count;	     /* rows */
	double touch;	     /* ns for the first touch of a page; NAN: unknown */
};

/* Returns 0 or -ENOMEM. */
int tradeoff_build(struct tradeoff *tradeoff, const struct summary *summary);

void tradeoff_free(struct tradeoff *tradeoff);

/*
 * Marks the Pareto front of points of which less is better in both: front[i] becomes whether no
 * other point is as good in both and better in one. A point with a NAN is not on it.
 */
void tradeoff_find_front(bool *front, const struct spread *x, const struct spread *y, size_t count);

/* Writes the script and fills the figure. Returns 0, -ENODATA without two points, or -ENOMEM. */
int tradeoff_draw(FILE *script, struct figure *figure, const struct tradeoff *tradeoff,
		  enum price price, const struct summary *summary, const struct panels *panels);

#endif
