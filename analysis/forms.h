/*
 * forms.h - how a metric is named and written, in the table, in JSON and in the report.
 */
#ifndef ANALYSIS_FORMS_H
#define ANALYSIS_FORMS_H

#include <stdbool.h>
#include <stddef.h>

#include "analysis/difference.h"
#include "analysis/estimate.h"
#include "analysis/metrics.h"

/* The tables, one below the other. */
enum form_block {
	FORM_HELD,    /* what the server held, of the last burst */
	FORM_LEDGER,  /* who gave it back, and what the kernel holds */
	FORM_TRAFFIC, /* what was asked and answered; not there where nothing was */
	FORM_BLOCKS
};

struct metric_form {
	enum metric metric;
	const char *key;   /* in JSON, with the unit of the raw value; NULL: not there by itself */
	const char *bound; /* key of the bound of a censored value */
	const char *group; /* head of several neighbouring columns, or "" */
	const char *head;  /* NULL: no column for people */
	const char *unit;  /* of what is printed, below the head */
	double scale;	   /* raw value / scale is printed */
	int decimals;
	const char *meaning; /* a sentence for the report */
	enum form_block block;
	bool if_any;		  /* no column when no row has more than 0 */
	const char *const *names; /* of the values 0, 1, ...; NULL: a number */
};

/* In the order of the columns; ends with a row whose key is NULL. */
extern const struct metric_form metric_forms[];

/* Every metric has one. */
const struct metric_form *form_of(enum metric metric);

/* Bytes, ns and counts are whole numbers; shares and ratios are not. */
bool form_is_whole(const struct metric_form *form);

#define FORM_TEXT 32 /* room for any written measure */

/*
 * "-" for what is absent, "> 15 s" or "<= 87.2" for what is censored; "?" behind what is doubtful.
 * Returns text.
 */
const char *form_write(char text[FORM_TEXT], const struct metric_form *form,
		       const struct measure *measure);

/*
 * "±0.4": to the farther end of the interval. "" where there is none, or it is open. Returns text.
 */
const char *form_spread(char text[FORM_TEXT], const struct metric_form *form,
			const struct measure *median, const struct interval *interval);

#define FORM_DIFFERENCE 96

/*
 * "-12.3 (-14.0 to -11.8)", "no difference"; with too few repeats the figure alone; "> +13 s" where
 * one side is censored, "-" where there is nothing to compare. Returns text.
 */
const char *form_difference(char text[FORM_DIFFERENCE], const struct metric_form *form,
			    const struct difference *difference);

#endif
