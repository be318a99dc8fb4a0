/*
 * load.h - an experiment as it lies on disk: experiment.json and a folder for each run.
 */
#ifndef ANALYSIS_LOAD_H
#define ANALYSIS_LOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "analysis/curve.h"
#include "analysis/factors.h"
#include "analysis/metrics.h"
#include "analysis/recording.h"

#define LOAD_WHY 512

struct run {
	char *name;		     /* of its folder */
	json_t *about;		     /* run.json; NULL where that is damaged */
	char *factors[FACTOR_COUNT]; /* unknown ones: see run_knows() */
	uint64_t repeat;	     /* the block that it ran in, from 1; 0: not said */
	bool foreign;		     /* not our server: what it has in use (live) is unknown */
	bool is_void;
	char reason[LOAD_WHY]; /* why it is void */

	/* Of runs that are not void only. */
	struct recording recording;
	struct curve curve;
	uint64_t decay; /* ns that the allocator waits of its own accord; see metrics.h */
	struct measure metrics[METRIC_COUNT];
};

struct experiment {
	char *directory;
	json_t *about;	  /* experiment.json */
	struct run *runs; /* in the order of their names, which is that of running */
	size_t count;
};

/*
 * Loads and reckons. Folders that end in ".part" (runs that were not over) are left out; a run
 * whose files are damaged is void, with the reason. Returns 0, or -errno with one line in why, and
 * then nothing is to be freed.
 */
int experiment_load(struct experiment **experiment, const char *directory, char why[LOAD_WHY]);

/*
 * Is this factor known of the run? Of a server that is not ours arch and workers are not. factors[]
 * then has what the rows have that it stands beside, so that it is compared with these.
 */
bool run_knows(const struct run *run, int factor);

/* How many runs are void, by their own account or because their files say nothing. */
size_t experiment_voids(const struct experiment *experiment);

void experiment_free(struct experiment *experiment);

#endif
