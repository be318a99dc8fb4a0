/*
 * schedule.h - what pulse does, in which order: bursts, an idle window, trickles.
 *
 * A function from the number of a step to that step, without state: the schedule of a run can be
 * walked before it starts, to see what it will need. Knows nothing of sockets.
 */
#ifndef PULSE_SCHEDULE_H
#define PULSE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct schedule {
	uint64_t warmup; /* connections opened and closed first; 0: none */
	uint64_t rest;	 /* ns of silence after them */
	uint64_t burst;	 /* connections in one */
	uint64_t bursts;
	uint64_t burst_gap; /* ns, between two bursts */
	uint64_t window;    /* ns, after the last burst */
	uint64_t trickle;   /* connections in one; 0: no trickles */
	uint64_t trickles;  /* 0: for ever */
	uint64_t trickle_gap;
	uint64_t linger;       /* ns that bursts and trickles hold their connections */
	double survivors;      /* the share of a burst that stays open */
	bool survivors_to_end; /* they add up; otherwise the next burst replaces them */
};

/* A pulse of connections, or a rest. */
struct step {
	const char *name;     /* as in struct phase */
	uint64_t number;      /* counts the steps of that name from 1 */
	uint64_t connections; /* 0: a rest */
	uint64_t time;	      /* ns that the connections are held, or that the rest takes */
	uint64_t survivors;   /* how many of the connections stay open */
	bool replaces;	      /* earlier survivors are closed before it begins */
};

/* Describes the step of that index, from 0; false when the schedule is over before it. */
bool schedule_step(const struct schedule *schedule, uint64_t index, struct step *step);

/*
 * ns that a step is planned to take at that rate, in connections a second: what closing takes is
 * not in it, nor what connecting as fast as it goes does (0).
 */
uint64_t schedule_length(const struct step *step, uint64_t rate);

/* The most connections that are open at once. */
uint64_t schedule_peak(const struct schedule *schedule);

/*
 * The most that one of so many has open at once, when they share every step evenly: the peak over
 * their number, and what rounding adds to each step that leaves survivors.
 */
uint64_t schedule_share_of_peak(const struct schedule *schedule, uint64_t parts);

/*
 * The most source ports in use at once when each stays taken for hold ns after its connection was
 * closed. rate, in connections a second, tells how long connecting takes; 0: no time at all.
 */
uint64_t schedule_ports(const struct schedule *schedule, uint64_t hold, uint64_t rate);

#endif
