/*
 * report.h - report.html: an experiment for reading, in one file that needs nothing else.
 */
#ifndef ANALYSIS_REPORT_H
#define ANALYSIS_REPORT_H

#include "analysis/load.h"

#define REPORT_WHY 512

/*
 * Draws figures/ in directory, SVG and PDF, and writes report.html there, with the figures inside.
 * An older report is replaced only when the new one is whole. Returns 0, or -errno
 * with one line in why.
 */
int report_write(const struct experiment *experiment, const char *directory, char why[REPORT_WHY]);

#endif
