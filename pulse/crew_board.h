/*
 * crew_board.h - what the parent and the event loops of a crew tell each other: memory that all of
 * them share.
 *
 * The parent alone writes orders and parts, a loop alone the rest of its slot. Knows nothing of
 * processes.
 */
#ifndef PULSE_CREW_BOARD_H
#define PULSE_CREW_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "pulse/connector.h"
#include "pulse/schedule.h"

enum crew_task {
	CREW_CONNECT, /* the step's connections; then watch them */
	CREW_TALK,    /* on them, in a window */
	CREW_CLOSE,   /* them, but the step's survivors */
	CREW_LEAVE,   /* close everything, and end */
};

struct crew_order {
	enum crew_task task;
	struct step step; /* its name is of no use to others than the parent */
	uint64_t rate;	  /* as in struct pulse */
	uint64_t start;
	uint64_t end;	 /* of the window, which begins at start */
	uint64_t active; /* connections that talk in it, of all loops: see crew_board_deal() */
	bool at_once;	 /* close without waiting for answers and farewells */
};

/* An order is given only when all loops have carried out the one before the last. */
#define CREW_ORDERS 4

/* What a loop has to do with the talking; written before the order. */
struct crew_part {
	uint64_t open;	 /* connections that it has */
	uint64_t active; /* of these, those that talk */
	uint32_t loops;	 /* that have such */
	uint32_t index;	 /* of this one among them */
};

/* Cache lines of its own (two, for the prefetcher), as loops write at the same time. */
struct crew_slot {
	uint64_t done; /* the newest order that was carried out */
	int error;     /* of the event loop, an errno, which ended it; 0: none */
	uint64_t survivors;
	struct pulse pulse;
	struct crew_part part;
} __attribute__((aligned(128)));

struct crew_board {
	uint64_t number; /* of the newest order; the first is 1 */
	struct crew_order orders[CREW_ORDERS];
	uint32_t loops;
	struct crew_slot slots[];
};

/* For so many loops. Returns NULL and sets errno when it cannot be mapped. */
struct crew_board *crew_board_create(uint32_t loops);

void crew_board_destroy(struct crew_board *board);

/*
 * Deals so many active connections to the loops like cards, past those that have no more open. Each
 * loop that has any takes an equal part of an open loop's plan.
 */
void crew_board_deal(struct crew_board *board, uint64_t active);

void crew_board_give(struct crew_board *board, const struct crew_order *order);

/* The number of the newest order; 0 before the first. */
uint64_t crew_board_newest(const struct crew_board *board);

/* Copies the order of that number; false while it has not been given. */
bool crew_board_order(const struct crew_board *board, uint64_t number, struct crew_order *order);

/* The newest order was carried out by this loop. */
bool crew_board_is_done(const struct crew_board *board, uint32_t loop);

void crew_board_set_done(struct crew_slot *slot, uint64_t number);

/*
 * Adds up what has become of the pulse so far: counters only, or the histograms as well, which is
 * dearer. wanted, rate and start of total are the caller's.
 */
void crew_board_count(const struct crew_board *board, struct pulse *total, uint64_t *survivors);
void crew_board_sum(const struct crew_board *board, struct pulse *total, uint64_t *survivors);

#endif
