/*
 * outline.c - what a schedule would do. See outline.h.
 */
#include "pulse/outline.h"

#include <errno.h>
#include <inttypes.h>

int outline_print(const struct schedule *schedule, FILE *file)
{
	struct step step;

	if (schedule->trickle && !schedule->trickles)
		return -ERANGE;
	fprintf(file, "phase,number,connections,time_ns\n");
	for (uint64_t i = 0; schedule_step(schedule, i, &step); i++)
		fprintf(file, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", step.name, step.number,
			step.connections, step.time);
	return 0;
}
