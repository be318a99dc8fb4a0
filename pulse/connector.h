/*
 * connector.h - opens connections, talks on them and closes them, all in one epoll loop.
 *
 * Connections are made a pulse at a time. A connection is a slot of 48 bytes in memory mapped once,
 * and 4 bytes more when it is one of those that talk; only what comes in unfinished pieces takes
 * memory until it is whole. Knows no schedule and prints nothing. Nothing is shared between two
 * connectors, so each may have a thread or a process of its own.
 */
#ifndef PULSE_CONNECTOR_H
#define PULSE_CONNECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "pulse/histogram.h"
#include "pulse/protocol/protocol.h"
#include "pulse/sources.h"
#include "pulse/survivors.h"
#include "pulse/traffic.h"
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
	struct traffic traffic;
};

/* What is said on the connections. */
struct speech {
	struct script script;
	uint64_t ops;	  /* operations a second of all connectors; 0: the closed loop */
	uint64_t timeout; /* ns that connecting may take, and an answer */
};

/* When a pulse's connections talk, and how many of them; as for struct pulse, others may share. */
struct window {
	uint64_t begin;	 /* ns; operations are planned from here on */
	uint64_t end;	 /* ns */
	uint64_t active; /* connections of this connector */
	uint32_t loops;	 /* connectors with active connections; at least 1 */
	uint32_t index;	 /* of this one among them */
};

struct connector;

/*
 * For at most capacity connections at once, which come from sources. connector_turn() returns when
 * wake becomes readable. server and sources stay the caller's. Returns 0 or -errno.
 */
int connector_create(struct connector **connector, const struct address *server,
		     const struct sources *sources, uint64_t capacity, int wake);

/* From the next pulse on; nothing is said without it. The script's host is filled in. */
void connector_speak(struct connector *connector, const struct speech *speech);

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
 * Requests are issued from now on: the next one when the answer has come (closed loop), or when its
 * time has come (open loop).
 */
void connector_talk(struct connector *connector, const struct window *window);

/* No more requests. Answers are still awaited, until connector_quiet() or their time is up. */
void connector_hush(struct connector *connector);

/* No answer and no farewell is awaited. */
bool connector_quiet(const struct connector *connector);

/*
 * Says goodbye, where the protocol has such, on all of the pulse's connections but the survivors,
 * chosen as in connector_close(); they are closed when the server has answered.
 */
void connector_part(struct connector *connector, struct survivors *chooser, uint64_t survivors);

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
