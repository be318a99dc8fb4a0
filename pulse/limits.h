/*
 * limits.h - whether this machine allows what was asked, before the first connect.
 *
 * Reading the limits and judging them are two steps, so that the judgement can be tested. Knows
 * numbers and how an administrator changes them, not where they come from.
 */
#ifndef PULSE_LIMITS_H
#define PULSE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/base/address.h"

#define LIMITS_TEXT 512 /* room for any line */

struct limits {
	uint64_t fds;	   /* that this process may have open */
	uint64_t port_low; /* source ports for one destination, both included */
	uint64_t port_high;
	uint64_t port_hold; /* ns that a closed connection keeps its port; 0: until it is wanted */
	uint64_t files;	    /* on the whole machine */
	uint64_t files_used;
	uint64_t backlog; /* somaxconn: the longest accept queue that a server can ask for */
};

struct demand {
	uint64_t burst;	      /* the largest number of connections made at a time */
	uint64_t connections; /* the most that are open at once */
	uint64_t ports;	      /* the most source ports in use at once */
	bool local;	      /* the other ends are files on this machine as well */
	bool paced;	      /* connects follow a rate instead of going as fast as they can */
};

/* 127.0.0.0/8 or ::1. */
bool limits_is_loopback(const struct address *address);

/*
 * Raises the soft limit of descriptors to the hard one and reads the others. What /proc does not
 * tell is taken for boundless. Returns 0 or -errno.
 */
int limits_read(struct limits *limits, bool loopback);

/*
 * Returns 0, or -ENOBUFS and one line in text that names the first limit that does not fit, its
 * value, what is needed and the command that changes it.
 */
int limits_judge(const struct limits *limits, const struct demand *demand, char text[LIMITS_TEXT]);

/*
 * When a burst can overflow the accept queue of any server on this machine, a line about it in
 * text; otherwise "". That does not stop a run: a quick server empties its queue in time.
 */
void limits_note_backlog(const struct limits *limits, const struct demand *demand,
			 char text[LIMITS_TEXT]);

#endif
