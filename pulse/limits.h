/*
 * limits.h - whether this machine allows what was asked, before the first connect.
 *
 * Reading the limits and judging them are two steps, so that the judgement can be tested. Knows
 * numbers and how an administrator changes them, not where they come from. tcp_max_orphans is not
 * among them: a closed connection is an orphan only until its end is acknowledged, see decision 19.
 */
#ifndef PULSE_LIMITS_H
#define PULSE_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/base/address.h"

#define LIMITS_TEXT 512 /* room for any line */

/*
 * What the kernel takes for a connection, in bytes of slab at a million of them on loopback: both
 * ends, or that of the client alone.
 */
#define LIMITS_BYTES_OF_PAIR 10240
#define LIMITS_BYTES_OF_END  5120

struct limits {
	uint64_t fds;	   /* that a process may have open */
	uint64_t fds_most; /* fs.nr_open: what that limit can be raised to */
	uint64_t port_low; /* source ports for one destination, both included */
	uint64_t port_high;
	uint64_t ports_reserved; /* of these, which connect() passes over */
	uint64_t port_hold; /* ns that a closed connection keeps its port; 0: until it is wanted */
	uint64_t files;	    /* on the whole machine */
	uint64_t files_used;
	uint64_t watches; /* descriptors that a user may have in epolls */
	uint64_t flows;	  /* that conntrack follows */
	uint64_t flows_used;
	uint64_t memory;  /* bytes available */
	uint64_t backlog; /* somaxconn: the longest accept queue that a server can ask for */
};

struct demand {
	uint64_t burst;	      /* the largest number of connections made at a time */
	uint64_t connections; /* the most that are open at once */
	uint64_t ports;	      /* the most source ports in use at once */
	uint64_t sources;     /* addresses that they are taken from */
	uint64_t workers;     /* processes; 0: no number of them is enough */
	uint64_t fds;	      /* for each; without workers, for a single one */
	uint64_t floor;	      /* bytes of memory that are to stay available */
	bool local;	      /* the other ends are on this machine as well */
	bool paced;	      /* connects follow a rate instead of going as fast as they can */
};

/* 127.0.0.0/8 or ::1. */
bool limits_is_loopback(const struct address *address);

/*
 * Raises the soft limit of descriptors to the hard one and reads the others, but for memory. What
 * /proc does not tell is taken for boundless. Returns 0 or -errno.
 */
int limits_read(struct limits *limits, bool loopback);

/* Source ports of one address. */
uint64_t limits_ports(const struct limits *limits);

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
