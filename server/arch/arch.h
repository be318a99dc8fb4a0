/*
 * arch.h - how connections are shared among threads and processes: one file and one row in arch.c
 * each.
 */
#ifndef SERVER_ARCH_ARCH_H
#define SERVER_ARCH_ARCH_H

#include <stdio.h>

struct server;

struct architecture {
	const char *name;
	const char *help;
	/*
	 * Serves until a signal says stop; returns with all connections closed. Returns 0 or
	 * -errno.
	 */
	int (*serve)(struct server *server);
};

extern const struct architecture arch_single;

/* NULL when there is none of that name. */
const struct architecture *arch_find(const char *name);

/* Prints the architectures, a line each. */
void arch_help(FILE *file);

#define EXPECTS_ARCH "an architecture (single)"

#endif
