/*
 * gnuplot.h - has gnuplot draw. The only place that starts it.
 */
#ifndef ANALYSIS_GNUPLOT_H
#define ANALYSIS_GNUPLOT_H

#include <stdio.h>

#define GNUPLOT_WHY 512

/*
 * Runs gnuplot on a script, a file open for reading, of which all is read. The names of the files
 * that it writes are taken from folder on. SIGINT and SIGTERM end it, which is -EINTR, also where
 * they were blocked before. Returns 0, or -errno with one line in why.
 */
int gnuplot_run(FILE *script, const char *folder, char why[GNUPLOT_WHY]);

/* Writes text as a string constant of gnuplot's language. */
void gnuplot_string(FILE *script, const char *text);

#endif
