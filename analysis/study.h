/*
 * study.h - `tidemark study`: experiments that answer one question each, by name.
 */
#ifndef ANALYSIS_STUDY_H
#define ANALYSIS_STUDY_H

/* argv[0] is "study". Returns the exit status. */
int study(int argc, char *const argv[]);

#endif
