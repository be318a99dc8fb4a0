/*
 * conduct.h - `tidemark run`: conducts an experiment from its options to its table.
 */
#ifndef ANALYSIS_CONDUCT_H
#define ANALYSIS_CONDUCT_H

/* argv[0] is "run". Returns the exit status. */
int conduct(int argc, char *const argv[]);

#endif
