/*
 * run.h - carries out a schedule: step by step, what is measured goes to the report.
 */
#ifndef PULSE_RUN_H
#define PULSE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "pulse/available.h"
#include "pulse/connector.h"
#include "pulse/crew.h"
#include "pulse/progress.h"
#include "pulse/report.h"
#include "pulse/results.h"
#include "pulse/schedule.h"
#include "server/base/record.h"

/* Why a run ended before its schedule. */
enum pulse_end {
	PULSE_WENT_THROUGH,
	PULSE_SIGNAL,
	PULSE_UNREACHABLE, /* not one connection could be made: ended at once */
	PULSE_WORKER_LOST,
	PULSE_MEMORY_SHORT, /* less is available than was to stay */
	PULSE_FELL_SHORT,   /* a connection was lost, and none was to be */
};

struct pulse_run {
	/* What it works with; the caller's. */
	const struct schedule *schedule;
	uint64_t rate; /* connects a second; 0: as fast as it goes */
	struct crew *crew;
	const char *note; /* to say when the first connection is there; "" for nothing */
	struct available available;
	uint64_t floor; /* bytes of memory that stay available; 0: nobody looks */
	bool strict;	/* the first connection that is lost ends it */
	const struct speech *speech;
	struct active active; /* how many of a pulse's connections talk */
	struct pulse_progress progress;
	struct pulse_report report;
	struct results results;
	uint64_t start_at; /* ns, when the schedule begins, and is kept; 0: at once, not kept */
	int ready_fd;	   /* gets a byte at that moment; -1: none */

	/* What became of it. */
	struct phase phase;	 /* the newest */
	struct phase total;	 /* sums of wanted, connected and lost_* */
	struct phase fell_short; /* the first that did; without a name when none */
	int first_error;	 /* errno of the first connection lost */
	enum pulse_end end;
	int unwritten;	       /* -errno of the record, which ended it; 0: none */
	int untold;	       /* -errno of a result, which ended it; 0: none */
	char why[RESULTS_WHY]; /* the line about untold */

	uint64_t planned;   /* ns, when the step is to be over; of use with start_at only */
	struct pulse pulse; /* under way, of the whole crew */
	uint64_t survivors;
	struct outcome outcome; /* of the newest phase */
	uint64_t tick;		/* ns, when to look again at what brings no news by itself */
};

/* Leaves survivors open when the schedule is over; they are closed with the crew. */
void pulse_run(struct pulse_run *run);

#endif
