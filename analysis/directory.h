/*
 * directory.h - the directory of an experiment while it is filled.
 *
 * What has its final name is whole: the directory has its experiment.json, and a run's folder its
 * run.json. Everything that is under way has a name that ends in ".part".
 */
#ifndef ANALYSIS_DIRECTORY_H
#define ANALYSIS_DIRECTORY_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define DIRECTORY_WHY 512

/*
 * Makes runs/<UTC time>-label with experiment.json in it, locked, and writes its path. Returns a
 * descriptor that holds the lock, or -errno with a line in why.
 */
int directory_make(char path[PATH_MAX], const char *runs, const char *label,
		   const json_t *experiment, char why[DIRECTORY_WHY]);

/*
 * Locks it against other tidemarks until the descriptor that is returned is closed, which the end
 * of this process does in any case. -EWOULDBLOCK: another one is at work there.
 */
int directory_lock(const char *path);

int directory_save(const char *path, const json_t *experiment);

/* Removes what was under way when an earlier tidemark ended. Returns 0 or -errno. */
int directory_sweep(const char *path);

/*
 * Sets finished[i] for each of count runs that has its folder, void or complete. Returns 0, or
 * -errno with a line in why.
 */
int directory_finished(const char *path, bool *finished, size_t count, char why[DIRECTORY_WHY]);

#endif
