/*
 * release.h - release policies: *when* the server asks its allocator to hand pages back.
 *
 * A policy is a row of the table in release.c. It is evaluated at the end of a loop's iteration,
 * over the connections of all loops of the process, and says when it is due; a loop that would
 * sleep longer wakes for it. rounds.h is how the loops then release together; how memory is handed
 * back is the plug-in's business.
 */
#ifndef SERVER_RELEASE_H
#define SERVER_RELEASE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

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
};

/* What an iteration of a loop saw. */
struct release_traffic {
	uint64_t now;
	uint64_t open;	 /* connections of the whole process, at its end */
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

/* It fires: what comes from this moment on is traffic after the release. */
void release_begin(struct release *release, uint64_t now, uint64_t open);

/* The release is done. */
void release_end(struct release *release, uint64_t now);

/* Whether the policy will ever be due. */
bool release_ever(const struct release_choice *choice);

#endif
