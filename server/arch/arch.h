/*
 * arch.h - how connections are shared among threads and processes: one file and one row in arch.c
 * each.
 */
#ifndef SERVER_ARCH_ARCH_H
#define SERVER_ARCH_ARCH_H

#include <stdbool.h>
#include <stdio.h>

#include "server/base/options.h"

struct server;

/* The options that make sense with an architecture; the others are refused. */
enum arch_takes {
	ARCH_WORKERS = 1, /* --workers */
	ARCH_SHARE = 2,	  /* --share, with a listener each as default */
	ARCH_STACK = 4,	  /* --stack */
};

struct architecture {
	const char *name;
	const char *help;
	unsigned int takes;	  /* enum arch_takes */
	unsigned int workers;	  /* default; 0: the CPUs available */
	unsigned int extra_slots; /* of the status page, beside one for each worker */
	bool processes;		  /* its workers are processes */
	const char *remark;	  /* said at start, with a release policy; NULL: nothing */
	/* Optional: whether this machine can. 0, or -errno with a line in why. */
	int (*check)(char why[OPTIONS_WHY]);
	/*
	 * Says --ready-fd once it has all that it needs, and serves until a signal says stop;
	 * returns with all connections closed. Returns 0 or -errno.
	 */
	int (*serve)(struct server *server);
};

extern const struct architecture arch_single;
extern const struct architecture arch_multi;
extern const struct architecture arch_prefork;
extern const struct architecture arch_pool;
extern const struct architecture arch_thread;
extern const struct architecture arch_uring;

/* NULL when there is none of that name. */
const struct architecture *arch_find(const char *name);

/* Prints the architectures, a line each. */
void arch_help(FILE *file);

#define EXPECTS_ARCH "an architecture (single, multi, prefork, pool, thread, uring)"

#endif
