/*
 * results.h - what is told of traffic: the record traffic.csv as it goes on; at the end a table, or
 * all phases as JSON, and the latency file.
 */
#ifndef PULSE_RESULTS_H
#define PULSE_RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "pulse/document.h"
#include "pulse/outcome.h"

struct results {
	const char *latency_path; /* NULL: none */
	FILE *record;		  /* traffic.csv; NULL: none */
	FILE *output;
	json_t *document;	  /* NULL: a table */
	struct traffic_row *rows; /* of the table */
	size_t count;
	struct traffic total; /* of all phases */
};

/*
 * record and latency are paths, or NULL for none; head is what a document opens with, NULL for a
 * table. Returns 0 or -errno, then of the record.
 */
int results_open(struct results *results, const char *record, const char *latency,
		 const struct document_head *head, FILE *output);

/* A phase is over. Returns 0 or -errno, then of the record or of memory. */
int results_add(struct results *results, const struct outcome *outcome);

/*
 * Writes what belongs at the end. Returns 0 or the -errno of a file that could not be written, with
 * its path in *path. Whether the output could be is told by ferror(). All zero is fine.
 */
int results_close(struct results *results, const char **path);

#endif
