/*
 * results.h - what is told of traffic: the record traffic.csv as it goes on; at the end a table, or
 * all phases as JSON, and the latency file.
 */
#ifndef PULSE_RESULTS_H
#define PULSE_RESULTS_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "pulse/document.h"
#include "pulse/outcome.h"

#define RESULTS_WHY (PATH_MAX + 128) /* room for any reason */

struct results {
	const char *record_path;
	FILE *record; /* traffic.csv; NULL: none */
	const char *latency_path;
	char *raw_path;
	FILE *latency, *raw; /* NULL: none */
	FILE *output;
	json_t *document;	  /* NULL: a table */
	struct traffic_row *rows; /* of the table */
	size_t count;
	struct traffic total; /* of all phases */
};

/*
 * record and latency are paths, or NULL for none; head is what a document opens with, NULL for a
 * table. All files are opened: what cannot be written is known before anything is measured. Returns
 * 0 or -errno, with one line in why: which file cannot be, and for what reason.
 */
int results_open(struct results *results, const char *record, const char *latency,
		 const struct document_head *head, FILE *output, char why[RESULTS_WHY]);

/* A phase is over. Returns 0 or -errno, with a line in why as results_open(). */
int results_add(struct results *results, const struct outcome *outcome, char why[RESULTS_WHY]);

/*
 * Writes what belongs at the end. Returns 0 or -errno, with a line in why as results_open().
 * Whether the output could be written is told by ferror(). All zero is fine.
 */
int results_close(struct results *results, char why[RESULTS_WHY]);

#endif
