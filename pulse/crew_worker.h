/*
 * crew_worker.h - one process of a crew: its event loops, a thread each.
 */
#ifndef PULSE_CREW_WORKER_H
#define PULSE_CREW_WORKER_H

#include <stdint.h>

#include "pulse/crew.h"
#include "pulse/crew_board.h"

struct crew_worker {
	const struct crew_spec *spec;
	struct crew_board *board;
	uint32_t index;	 /* of the worker */
	const int *wake; /* an eventfd for each of its loops */
	int bell;
};

/*
 * Serves until all its loops have left. Returns 0, or the first -errno of a loop: then the process
 * must end, as nothing is freed.
 */
int crew_worker_run(const struct crew_worker *worker);

#endif
