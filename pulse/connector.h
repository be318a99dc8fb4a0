/*
 * connector.h - opens, watches and closes connections, all in one epoll loop.
 *
 * Connections are made a pulse at a time and sent nothing. A connection is a slot of 24 bytes in
 * memory mapped once; nothing else is allocated for it. Knows no schedule and prints nothing.
 */
#ifndef PULSE_CONNECTOR_H
#define PULSE_CONNECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "pulse/histogram.h"
#include "pulse/sources.h"
#include "pulse/survivors.h"
#include "server/base/address.h"
#include "server/base/record.h"

/*
 * A pulse under way: what is asked of the connector, and what has become of it. Several connectors
 * can share one: then a connector makes every loops-th connection, beginning with its own index.
 */
struct pulse {
	uint64_t wanted; /* connections that this connector makes; 0: only watch the survivors */
	uint64_t rate;	 /* connects a second of all that share; 0: as fast as it goes */
	uint64_t start;	 /* ns, when the first connect is planned */
	uint32_t loops;	 /* how many connectors share; at least 1 */
	uint32_t index;	 /* of this one among them */

	uint64_t issued;      /* connects tried, but those given up */
	uint64_t connecting;  /* of these, not decided yet */
	uint64_t open;	      /* established, and still so */
	uint64_t connected;   /* established, ever */
	uint64_t established; /* ns, when the last one was */
	int error;	      /* errno of the first one lost; 0: none */
	struct phase losses;  /* only its lost_* count */

	struct histogram corrected; /* ns from the planned time to established */
	struct histogram raw;	    /* ns from connect() */
};

struct connector;

/*
 * For at most capacity connections at once, which come from sources. connector_turn() returns when
 * wake becomes readable. server and sources stay the caller's. Returns 0 or -errno.
 */
int connector_create(struct connector **connector, const struct address *server,
		     const struct sources *sources, uint64_t capacity, int wake);

/* Closes whatever is open. NULL is fine. */
void connector_destroy(struct connector *connector);

/* pulse has its first five fields set and belongs to the connector until it is closed. */
void connector_begin(struct connector *connector, struct pulse *pulse);

/* Every wanted connection is established or lost. */
bool connector_settled(const struct connector *connector);

/*
 * Issues connects that are due and takes in what happens, until there was something, or until that
 * moment of clock_now(). Returns 0, -EINTR when wake is readable, or another -errno.
 */
int connector_turn(struct connector *connector, uint64_t until);

/*
 * Closes some of the pulse's connections, in the order of connecting, but the survivors: so many of
 * those that are open, as the chooser says. Connects not decided yet are given up. Returns whether
 * there are more: then it is called again, and the loop may turn in between.
 */
bool connector_close(struct connector *connector, struct survivors *chooser, uint64_t survivors);

/* How many survivors of earlier pulses are open. */
uint64_t connector_survivors(const struct connector *connector);

void connector_close_survivors(struct connector *connector);

#endif
