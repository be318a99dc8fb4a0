/*
 * doubts.c - which figures a loss of the probe touches. See doubts.h.
 */
#include "analysis/doubts.h"

#include <stdbool.h>
#include <string.h>

#define BIT(metric) (UINT64_C(1) << (metric))

#define CAUSES	 (BIT(METRIC_BY_POLICY) | BIT(METRIC_BY_ALLOCATOR) | BIT(METRIC_BY_UNKNOWN))
#define CALLS	 (BIT(METRIC_CALL_TIME) | BIT(METRIC_CALL_LONGEST))
#define TOTALS	 (CAUSES | CALLS)
#define REFAULT	 BIT(METRIC_REFAULT)
#define RELEASES (TOTALS | REFAULT)
#define BILL	 (BIT(METRIC_KERNEL) | BIT(METRIC_KERNEL_TOTAL))
#define CPU                                                                                        \
	(BIT(METRIC_CPU) | BIT(METRIC_CPU_USER) | BIT(METRIC_CPU_SYSTEM) |                         \
	 BIT(METRIC_CPU_CONNECTION) | BIT(METRIC_CPU_OPERATION))
#define HELD                                                                                       \
	(BIT(METRIC_BASE) | BIT(METRIC_PEAK) | BIT(METRIC_FLOOR) | BIT(METRIC_FLOOR_LIVE) |        \
	 BIT(METRIC_RETENTION_1) | BIT(METRIC_RETENTION_5) | BIT(METRIC_RETENTION_15) |            \
	 BIT(METRIC_T50) | BIT(METRIC_T90) | BIT(METRIC_T99) | BIT(METRIC_WASTE) |                 \
	 BIT(METRIC_RATCHET))
#define NOTHING UINT64_C(0)

struct touch {
	const char *loss;
	uint64_t metrics;
};

/* Counters of full maps and rings. */
static const struct touch counters[] = {
	{ "events_no_room", REFAULT },	{ "events_dropped", REFAULT },
	{ "process_no_room", REFAULT }, { "process_unread", REFAULT },
	{ "processes_full", REFAULT },	{ "releases_full", TOTALS },
	{ "in_flight_full", RELEASES }, { "targets_full", RELEASES | BILL },
	{ "bills_dropped", BILL },	{ "bill_full", BILL },
	{ "endpoints_full", BILL },	{ "addresses_full", NOTHING },
	{ "walk_cut", BILL },		{ "stacks_missing", NOTHING },
	{ "churn_full", NOTHING },	{ "cpu_no_room", CPU },
	{ "cpu_processes_full", CPU },	{ "smaps_unread", HELD },
	{ NULL, RELEASES | BILL },
};

/* Programs that did not run when they should have; of the others each can miss a release. */
static const struct touch programs[] = {
	{ "page_freed", CAUSES | REFAULT },
	{ "page_swapped", CAUSES | REFAULT },
	{ "release_begin", CAUSES },
	{ "release_end", CAUSES },
	{ "processes_table", REFAULT },
	{ "find_endpoints", BILL },
	{ "bill_table", BILL },
	{ "bill_estimate", BILL },
	{ "sockets_table", NOTHING },
	{ "sockets_estimate", NOTHING },
	{ "releases_table", NOTHING },
	{ NULL, RELEASES },
};

static uint64_t look_up(const struct touch *touches, const char *name)
{
	while (touches->loss && strcmp(touches->loss, name))
		touches++;
	return touches->metrics;
}

/*
 * A program that counts pages runs for every page that the machine frees, and is missed when an
 * interrupt frees one on top of it: some ten times a burst, for pages that are hardly ever those of
 * a call. A hundredth of what was counted is where it would begin to show.
 */
static bool is_few_pages(const struct loss_row *loss, const struct evidence *evidence)
{
	const uint64_t page = 4096; /* no machine has smaller ones */
	uint64_t freed = 0;

	if (strcmp(loss->program, "page_freed") && strcmp(loss->program, "page_swapped"))
		return false;
	for (size_t i = 0; i < evidence->release_count; i++)
		freed += evidence->releases[i].freed + evidence->releases[i].swapped;
	return loss->count < freed / page / 100;
}

uint64_t doubts_of(const struct loss_row *loss, const struct evidence *evidence)
{
	if (!loss->count || is_few_pages(loss, evidence))
		return NOTHING;
	return strcmp(loss->what, "missed") ? look_up(counters, loss->what)
					    : look_up(programs, loss->program);
}

uint64_t doubts_of_unwatched(void)
{
	return RELEASES;
}

void doubts_mark(const struct evidence *evidence, struct measure metrics[METRIC_COUNT])
{
	uint64_t doubts = evidence_unwatched(evidence, 0) ? doubts_of_unwatched() : NOTHING;

	for (size_t i = 0; i < evidence->loss_count; i++)
		doubts |= doubts_of(&evidence->losses[i], evidence);
	for (int i = 0; i < METRIC_COUNT; i++)
		if (metrics[i].state != MEASURE_ABSENT && (doubts & BIT(i)))
			metrics[i].doubtful = true;
}
