/*
 * traffic.h - what came of the operations of a phase: counts, bytes, latencies.
 *
 * Plain numbers without pointers, so that it may stand in memory shared by processes. An operation
 * is a request and its answer or, in a feed, a chunk.
 */
#ifndef PULSE_TRAFFIC_H
#define PULSE_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "pulse/histogram.h"
#include "server/base/record.h"

/* ns; a feed's chunk that comes later than this is counted as late. */
#define TRAFFIC_LATE (50 * UINT64_C(1000000))

/* How many connections talk: a number, or a share of those that are open. */
struct active {
	uint64_t count; /* UINT64_MAX: see share */
	double share;
};

struct traffic {
	uint64_t begin;	     /* ns, of the window in which requests are issued; 0: there was none */
	uint64_t end;	     /* ns */
	uint64_t windows;    /* how many have been merged into this one */
	uint64_t length;     /* ns, of all of them */
	uint64_t operations; /* answered within it */
	uint64_t outside;    /* answered before or after it; in the histograms, too */
	uint64_t unsent;     /* planned within it; the connection was not free in time, or lost */
	uint64_t wrong;	     /* connections that got a byte that was not the right one */
	uint64_t timeouts;   /* connections on which an answer did not come in time */
	uint64_t late;	     /* chunks later than TRAFFIC_LATE */
	uint64_t bytes_sent;
	uint64_t bytes_received;
	/*
	 * ns from the planned time; of what was not answered, what had passed by then. A feed:
	 * from the time at which the chunk was due.
	 */
	struct histogram corrected;
	struct histogram raw; /* ns from sending; empty in a feed */
};

/* "100", "1%": a number of connections or a share. Returns 0, -EINVAL or -ERANGE. */
int active_parse(const char *text, struct active *active);

/* How many of so many open ones that is; at least one where there are any. */
uint64_t active_count(const struct active *active, uint64_t open);

void traffic_clear(struct traffic *traffic);

/* The window is over, at that moment or before. */
void traffic_end(struct traffic *traffic, uint64_t now);

/* An answer, or a chunk, at that moment. */
void traffic_count(struct traffic *traffic, uint64_t now);

/*
 * Adds the counts of other, which was measured at the same time. The window becomes what both have
 * in common.
 */
void traffic_merge(struct traffic *traffic, const struct traffic *other);

/* Whether there is anything to be told. */
bool traffic_any(const struct traffic *traffic);

/* Operations a second of the windows, which are at the same time; 0 when there was none. */
double traffic_rate(const struct traffic *traffic);

/* The row of the record (traffic.csv) for the traffic of that phase. */
void traffic_describe(const struct traffic *traffic, const struct phase *phase,
		      struct traffic_row *row);

#endif
