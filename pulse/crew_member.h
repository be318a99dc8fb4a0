/*
 * crew_member.h - one event loop of a crew: carries out what the board orders, for its own share.
 */
#ifndef PULSE_CREW_MEMBER_H
#define PULSE_CREW_MEMBER_H

#include <stdint.h>

#include "pulse/connector.h"
#include "pulse/crew_board.h"
#include "pulse/survivors.h"

struct crew_member {
	struct crew_board *board; /* the crew's */
	uint32_t index;		  /* among all loops of the crew */
	int wake;		  /* eventfd: readable when there is an order */
	int bell;		  /* eventfd: to be rung when there is news on the board */
	struct connector *connector;
	struct survivors chooser;
};

/* Returns when it is told to leave, or when the event loop failed: 0 or -errno. */
int crew_member_serve(struct crew_member *member);

#endif
