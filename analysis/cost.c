/*
 * cost.c - what giving memory back costs the server. See cost.h.
 */
#include "analysis/cost.h"

#include <math.h>
#include <string.h>

#include "analysis/bursts.h"

double cost_touch(const json_t *about)
{
	const json_t *environment = json_object_get(about, "environment");
	double before = json_number_value(json_object_get(environment, "first_touch_before_ns"));
	double after = json_number_value(json_object_get(environment, "first_touch_after_ns"));

	if (before > 0 && after > 0)
		return (before + after) / 2;
	return before > 0 ? before : NAN;
}

/*
 * ns in calls that are not the policy's. Where the causes are not known, all calls count, but not
 * beside stalls, which are made of them.
 */
static double called(const struct evidence *evidence, bool stalls)
{
	double time = 0;

	for (size_t i = 0; i < evidence->release_count; i++) {
		const struct release_row *row = &evidence->releases[i];

		if (strcmp(row->cause, "allocator") && (strcmp(row->cause, "unknown") || stalls))
			continue;
		if (row->duration != RECORD_ABSENT)
			time += (double)row->duration;
	}
	return time;
}

struct cost cost_of(const struct run *run, double touch)
{
	const struct measure *faults = &run->metrics[METRIC_FAULTS];
	const struct evidence *evidence = &run->recording.evidence;
	size_t bursts = bursts_count(&run->recording);
	double stall = run->metrics[METRIC_STALL_TOTAL].value; /* 0 where there is none */
	struct cost cost = { NAN, NAN };

	if (evidence_counts_pages(evidence) && bursts)
		cost.releasing = (stall + called(evidence, stall > 0)) / 1e6 / (double)bursts;
	if (bursts == 1)
		cost.faulting = 0;
	else if (faults->state != MEASURE_ABSENT)
		cost.faulting = faults->value * touch / 1e6;
	return cost;
}
