/*
 * run.h - carries out a schedule: step by step, what is measured goes to the report.
 */
#ifndef PULSE_RUN_H
#define PULSE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "pulse/connector.h"
#include "pulse/progress.h"
#include "pulse/report.h"
#include "pulse/schedule.h"
#include "pulse/survivors.h"
#include "server/base/record.h"

struct pulse_run {
	/* What it works with; the caller's. */
	const struct schedule *schedule;
	uint64_t rate; /* connects a second; 0: as fast as it goes */
	int signals;   /* from process_signals() */
	struct connector *connector;
	const char *note; /* to say when the first connection is there; "" for nothing */
	struct survivors chooser;
	struct pulse_progress progress;
	struct pulse_report report;

	/* What became of it. */
	struct phase phase;	 /* the newest */
	struct phase total;	 /* sums of wanted, connected and lost_* */
	struct phase fell_short; /* the first that did; without a name when none */
	int first_error;	 /* errno of the first connection lost */
	int signal;		 /* that ended it; 0: none */
	bool unreachable;	 /* not one connection could be made: ended at once */
	int unwritten;		 /* -errno of the record, which ended it; 0: none */

	struct pulse pulse; /* under way */
};

/*
 * Closes all connections in the end. Returns 0, or the -errno of an event loop that failed; what
 * else can end a run is told by the fields above.
 */
int pulse_run(struct pulse_run *run);

#endif
