/*
 * release.h - release policies: *when* the server asks its allocator to hand pages back.
 *
 * A policy is a row of the table in release.c. It is evaluated at the end of a loop's iteration and
 * says when it is due; a loop that would sleep longer wakes for it. How memory is handed back is
 * the plug-in's business.
 */
#ifndef SERVER_RELEASE_H
#define SERVER_RELEASE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "allocators/allocator.h"
#include "server/base/status.h"

#define RELEASE_NEVER UINT64_MAX

struct release_policy;

/* What --release asked for. */
struct release_choice {
	const struct release_policy *policy;
	uint64_t interval; /* ns, for every= and quiet= */
	double share;	   /* for drop= */
	const char *text;  /* as it was written */
};

/* What a policy remembers between iterations. */
struct release {
	const struct release_choice *choice;
	uint64_t last_fired; /* ns; at first when the loop began */
	uint64_t last_traffic;
	uint64_t peak; /* open connections, the most since it fired */
	bool armed;    /* something was opened or closed since it fired */
	bool remarked; /* the plug-in's remark has been printed */
};

/* What an iteration of the loop saw. */
struct release_traffic {
	uint64_t now;
	uint64_t open;	 /* connections, at its end */
	uint64_t opened; /* in this iteration */
	uint64_t closed;
};

#define EXPECTS_RELEASE "a release policy: native, every=5s, quiet=2s, drop=50% or close"

/* Returns 0 or -EINVAL. text must live as long as the choice. */
int release_parse(const char *text, struct release_choice *choice);

/* Prints the policies, a line each. */
void release_help(FILE *file);

void release_init(struct release *release, const struct release_choice *choice, uint64_t now);

/*
 * When the policy is due, in ns: at or before traffic->now means at once. RELEASE_NEVER: not before
 * the next traffic.
 */
uint64_t release_due(struct release *release, const struct release_traffic *traffic);

/*
 * Has this thread's caches emptied and the process hand pages back, and books it in *account.
 * Returns the plug-in's error, or 0. The remark ("" if none) is the plug-in's word on what it
 * could not do.
 */
int release_fire(struct release *release, const struct release_traffic *traffic,
		 struct status_slot *account, char remark[ALLOCATOR_TEXT]);

/*
 * The markers between which a policy's release happens. They do nothing; they are exported so that
 * a probe can put a uprobe on them and tell the policy from the allocator's own work.
 */
void tidemark_release_begin(void);
void tidemark_release_end(void);

#endif
