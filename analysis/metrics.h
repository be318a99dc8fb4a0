/*
 * metrics.h - what one run says about memory: the numbers of the table, reckoned from its records.
 *
 * held and live are step functions (curve.h); a sum, a median or "the first time" is that of the
 * function, not of the samples. Unless said otherwise, all concerns the last burst:
 *
 *   window       from the last close (bursts.h) to the end of the phase "window"
 *   base         median of held over the last second of the phase "rest"
 *   peak         highest held from the burst's start to the window's end
 *   floor        lowest median of held over any second of the window
 *   live         median of live over that same second
 *   floor/live   (floor - base) / live; absent when live is 0
 *   R(t)         (held - base - live) / (peak - base), t after the last close. Pulse's clock ends
 *                the window, the server's begins it, so a window of 15 s is a little shorter
 *                between them: a window that is short of t by at most METRICS_SLACK of t is read
 *                at its end; beyond that R(t) is absent
 *   T50 T90 T99  the first time after the last close at which R is at most 0.5, 0.1, 0.01;
 *                censored at the window's length when there is none
 *   waste        integral of the excess, held - base - live, over the window. Where it is negative
 *                (a base that was a few pages too high) it counts as 0: memory cannot be wasted
 *                less than not at all. Censored (at least) where the server's last close was so
 *                late, by pulse's clock, that more than METRICS_SLACK of the window was over: who
 *                closes late would seem to waste less
 *   ratchet      least-squares slope of (floor - live) over the bursts, each with the floor that it
 *                has in the time that all of them have between their last close and the end of the
 *                gap or window behind them; absent with less than two bursts
 *   stall        the longest release of the whole run; absent when none fired
 *   faults       minor faults from the newest rollup before the burst's start to the first one
 *                after its last close
 *   cpu          time that the server ran, in user space and in the kernel, from the first burst's
 *                start to the end of the window: what the bursts cost with all releases and all
 *                that was faulted in again, less what it ran in the windows in which it was asked
 *                (operations.h). Of all its processes (usage.h); in older records of
 *                the first one, from the newest rollup before to the last one in the window
 *
 * Where live is unknown (a foreign server), everything that is made of it is absent: live,
 * floor/live, R, T50 to T99, waste, ratchet. base, peak and floor remain.
 *
 * The window rule: floor and floor/live are censored, because the true ones may be lower,
 *   - when the allocator hands memory back by a decay, the window is shorter than DECAY_WINDOWS of
 *     them, and no release fired inside it (that would have ended the waiting);
 *   - when the window is shorter than the second of which the floor is a median: a server that gets
 *     no CPU closes long after pulse has, and pulse's clock ends the window.
 */
#ifndef ANALYSIS_METRICS_H
#define ANALYSIS_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "analysis/curve.h"
#include "analysis/recording.h"

#define METRICS_SLACK 0.05
#define DECAY_WINDOWS 4 /* a window of so many decays can judge */

enum metric {
	METRIC_BASE,	     /* bytes */
	METRIC_PEAK,	     /* bytes */
	METRIC_FLOOR,	     /* bytes; censored: at most */
	METRIC_LIVE,	     /* bytes, at the floor */
	METRIC_FLOOR_LIVE,   /* ratio; censored: at most */
	METRIC_RETENTION_1,  /* share, 1 s after the last close */
	METRIC_RETENTION_5,  /* share */
	METRIC_RETENTION_15, /* share */
	METRIC_T50,	     /* ns; censored: more than */
	METRIC_T90,	     /* ns; censored: more than */
	METRIC_T99,	     /* ns; censored: more than */
	METRIC_WASTE,	     /* byte-seconds; censored: at least */
	METRIC_RATCHET,	     /* bytes a burst */
	METRIC_STALL,	     /* ns, the longest release */
	METRIC_STALL_TOTAL,  /* ns, of all releases; 0 when none fired */
	METRIC_RELEASES,     /* of the whole run */
	METRIC_RELEASED,     /* bytes, that held fell during them, summed */
	METRIC_FIRST_P50,    /* ns, connect latency of the first burst */
	METRIC_FIRST_P99,    /* ns */
	METRIC_LAST_P50,     /* ns, of the last burst */
	METRIC_LAST_P99,     /* ns */
	METRIC_FAULTS,	     /* minor faults of the last burst */
	METRIC_CPU,	     /* ns */
	METRIC_WINDOW,	     /* ns, from the last close */

	/* What the probe saw in the kernel; defined in ledger.h. */
	METRIC_BY_POLICY,     /* bytes */
	METRIC_BY_ALLOCATOR,  /* bytes */
	METRIC_BY_UNKNOWN,    /* bytes */
	METRIC_REFAULT,	      /* ratio */
	METRIC_CALL_TIME,     /* ns */
	METRIC_CALL_LONGEST,  /* ns */
	METRIC_KERNEL,	      /* bytes a connection */
	METRIC_KERNEL_SOURCE, /* enum bill_source of bill.h */
	METRIC_KERNEL_TOTAL,  /* bytes */

	/* CPU time of the server; defined in usage.h. */
	METRIC_CPU_USER,       /* ns */
	METRIC_CPU_SYSTEM,     /* ns */
	METRIC_CPU_CONNECTION, /* ns a connection */

	/* What was asked and answered; defined in operations.h. */
	METRIC_OPERATIONS,    /* a second */
	METRIC_LATENCY_P50,   /* ns */
	METRIC_LATENCY_P99,   /* ns */
	METRIC_CPU_OPERATION, /* ns an operation */
	METRIC_COUNT
};

enum measure_state {
	MEASURE_ABSENT, /* not available; value is 0 */
	MEASURE_VALUE,
	MEASURE_CENSORED, /* value is the bound that is known */
};

struct measure {
	enum measure_state state;
	double value;
	bool doubtful; /* the probe lost something that this is made of (doubts.h) */
};

/*
 * Fills metrics from a recording that recording_load() has passed, and its curve. decay: how
 * long the allocator waits of its own accord, in ns. Returns 0, -ENODATA when there is no burst, or
 * -ENOMEM.
 */
int metrics_compute(const struct recording *recording, const struct curve *curve, uint64_t decay,
		    struct measure metrics[METRIC_COUNT]);

/*
 * The floor between two moments, and live at that time (NAN where it is unknown). Returns as
 * span_median() does.
 */
int metrics_floor(const struct curve *curve, uint64_t from, uint64_t to, double *floor,
		  double *live);

#endif
