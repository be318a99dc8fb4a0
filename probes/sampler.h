/*
 * sampler.h - reads a server's memory, CPU time and status page at even times into memory reserved
 * before.
 *
 * While it samples it neither allocates nor formats; the rows are written out afterwards.
 */
#ifndef PROBES_SAMPLER_H
#define PROBES_SAMPLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "probes/cpu.h"
#include "probes/procfs.h"
#include "probes/tracer.h"
#include "server/base/record.h"
#include "server/base/status.h"

struct sampler {
	struct procfs procfs;
	struct cpu cpu;
	const struct status_page *status; /* NULL: none */
	struct tracer *tracer;		  /* reads along */
	uint64_t interval;		  /* ns */
	uint64_t rollup_interval;	  /* ns */
	bool keeps; /* else each sample and rollup takes the place of the last */
	struct sample *samples;
	size_t sample_count, sample_room;
	struct rollup *rollups;
	size_t rollup_count, rollup_room;
	uint64_t unread; /* processes whose smaps_rollup was closed to a rollup */
	uint64_t next_rollup;
	uint64_t next_bill;
	uint64_t traffic;	/* connections opened and closed, at the newest sample */
	uint64_t traffic_since; /* ns, when that number changed; 0: it was rolled up since */
};

/*
 * Reserves and touches room for duration ns of that process; for 0 nothing is kept, and there is no
 * end. Returns 0, -ENOMEM, or another -errno when the process cannot be looked at.
 */
int sampler_init(struct sampler *sampler, uint32_t pid, uint64_t duration);

/*
 * Samples until stop_fd or the process's pidfd becomes readable. Returns 0; -ENOSPC when the room
 * is full; or another -errno.
 */
int sampler_run(struct sampler *sampler, int stop_fd, int pidfd);

/* The files that the sampler fills. */
#define SAMPLER_FILES 4

extern const struct sampler_file {
	const char *name;
	const struct record_kind *kind;
	int (*write)(const struct sampler *sampler, FILE *file);
} sampler_files[SAMPLER_FILES];

/* Appends the rows to files that record_begin() has opened. Returns 0 or -errno. */
int sampler_write(const struct sampler *sampler, FILE *const files[SAMPLER_FILES]);

void sampler_free(struct sampler *sampler);

#endif
