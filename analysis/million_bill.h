/*
 * million_bill.h - what a connection costs the kernel, object by object, as the probe tells it.
 */
#ifndef ANALYSIS_MILLION_BILL_H
#define ANALYSIS_MILLION_BILL_H

#include <stddef.h>

#include "analysis/million.h"

#define MILLION_BILL_LINES 32

struct million_bill_line {
	char end[16]; /* server or client */
	char role[32];
	double bytes; /* mean of all connections of that end */
};

struct million_bill {
	struct million_bill_line lines[MILLION_BILL_LINES];
	size_t count;
	double pair; /* both ends, without what a million would share; NAN: not known */
};

/*
 * Of the server that writes that status page, while connections are open. Where the probe is not
 * permitted to look, the bill is empty. Returns 0, or -EINTR.
 */
int million_bill_read(struct million_bill *bill, const struct million *million,
		      const char *status_path);

#endif
