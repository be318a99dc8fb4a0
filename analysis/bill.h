/*
 * bill.h - the kernel memory of one connection, item by item, at the server's end.
 *
 * Of all bills of a run, only those are looked at that were taken while the connections were open
 * and idle (steady.h), and of those the one with the most connections is taken: the more there are,
 * the less do single odd ones weigh. Of equal ones it is the latest. Where there is none, what a
 * connection costs is unknown.
 */
#ifndef ANALYSIS_BILL_H
#define ANALYSIS_BILL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "analysis/recording.h"

/* What the record's roles are summed up to: no more than a figure can tell apart. */
enum bill_item {
	BILL_SOCK,
	BILL_SOCKET_INODE,
	BILL_FILE,
	BILL_DENTRY,
	BILL_EPOLL,    /* epitem, poll queue, ep_head */
	BILL_SECURITY, /* blobs of the security modules */
	BILL_QUEUES,   /* data that waits to be read or sent */
	BILL_RING,     /* io_uring's requests, their polls and data */
	BILL_OTHER,    /* roles that are not known here, or hardly met at this end: port buckets */
	BILL_ITEMS
};

/* As in bill.csv: the higher, the coarser. */
enum bill_source {
	BILL_EXACT,
	BILL_ESTIMATED,
	BILL_QUEUES_ONLY,
	BILL_SOURCES
};

extern const char *const bill_item_names[BILL_ITEMS];
extern const char *const bill_source_names[BILL_SOURCES + 1]; /* ends with NULL */

struct bill {
	const struct evidence *evidence;
	uint64_t time;
	uint64_t connections; /* 0: none counted any; then all that follows but source is 0 */
	enum bill_source source;
	double median;		  /* bytes of one connection */
	double total;		  /* bytes of all of them */
	double items[BILL_ITEMS]; /* bytes, mean of all connections; their sum is total's mean */
};

/* Returns whether the run has a bill at all. What it points to stays the recording's. */
bool bill_find(struct bill *bill, const struct recording *recording);

/* Does no item differ by more than a hundredth of the whole? */
bool bill_agrees(const struct bill *a, const struct bill *b);

/* "128 B epitem, 64 B poll queue": the roles of an item, mean of all connections. */
void bill_write_roles(FILE *file, const struct bill *bill, enum bill_item item);

#endif
