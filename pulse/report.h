/*
 * report.h - what pulse says of a phase that is over: a row of the record (phases.csv), a row of
 * the table, and a line for those who watch.
 *
 * Each is written out at once, so that a killed pulse leaves what it measured.
 */
#ifndef PULSE_REPORT_H
#define PULSE_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "server/base/record.h"

struct pulse_report {
	FILE *record;  /* NULL: none */
	FILE *table;   /* NULL: none */
	uint64_t rows; /* of the table, by now */
	bool talks;    /* a line a phase goes to stderr */
};

/* Creates the record at path (NULL: none) and writes its head. Returns 0 or -errno. */
int pulse_report_open(struct pulse_report *report, const char *path, FILE *table, bool talks);

/* Appends the row to the record. Returns 0 or -errno. */
int pulse_report_record(struct pulse_report *report, const struct phase *phase);

/* The row of the table, and the line. Whether the table could be written is told by ferror(). */
void pulse_report_show(struct pulse_report *report, const struct phase *phase);

/* Returns 0 or the -errno of what could not be written. */
int pulse_report_close(struct pulse_report *report);

#endif
