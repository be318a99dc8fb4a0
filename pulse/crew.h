/*
 * crew.h - the processes and event loops that make a pulse's connections, seen from their parent.
 *
 * The parent forks them, orders one task after the other, and adds up what they tell on the board;
 * it holds no connection itself. Workers die with their parent. Prints nothing.
 */
#ifndef PULSE_CREW_H
#define PULSE_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "pulse/crew_board.h"
#include "pulse/crew_plan.h"
#include "pulse/sources.h"
#include "pulse/survivors.h"
#include "server/base/address.h"

#define CREW_TEXT 160 /* room for any crew_describe_failure() */

struct crew_spec {
	struct crew_plan plan;
	const struct address *server;
	const struct sources *sources;
	enum survivor_order survivor_order;
	uint64_t seed;
	const struct speech *speech;
	int signals;  /* from process_signals(), with SIGCHLD */
	int not_kept; /* a descriptor of the parent that workers close; -1: none */
};

struct crew;

/* Starts the workers. Returns 0 or -errno. */
int crew_create(struct crew **crew, const struct crew_spec *spec);

/* Lets the workers close what is open, and waits until they have ended. NULL is fine. */
void crew_destroy(struct crew *crew);

/* At most one order may be given before all loops have carried out the one before. */
void crew_order(struct crew *crew, const struct crew_order *order);

/* Every loop that is still there has carried out the newest order. */
bool crew_is_done(const struct crew *crew);

/*
 * Waits for news until that moment of clock_now(). Returns 0, -EINTR when a signal has come, or
 * -ECHILD when a worker has died or a loop has failed. A second signal kills the workers.
 */
int crew_wait(struct crew *crew, uint64_t until);

/* The newest signal that has come; 0: none. */
int crew_signal(const struct crew *crew);

/* "worker 3 of 51 (pid 4711) was killed by SIGKILL". Returns text. */
const char *crew_describe_failure(const struct crew *crew, char text[CREW_TEXT]);

/* As crew_board_count(): what a progress line needs. */
void crew_count(const struct crew *crew, struct pulse *total, uint64_t *survivors);

/*
 * As crew_board_sum(), once the pulse was closed. What a dead worker held is lost (EOWNERDEAD), and
 * what it had not decided was never tried.
 */
void crew_sum(const struct crew *crew, struct pulse *total, uint64_t *survivors);

#endif
