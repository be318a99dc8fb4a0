/*
 * tune.h - applies --tune KEY=VALUE in the allocator's own terms.
 *
 * Startup knobs go through the environment, which an allocator reads before main(): the server sets
 * it and executes itself once more. Runtime knobs go through the plug-in. What is then in effect
 * is read back, where the allocator lets it be read.
 */
#ifndef SERVER_TUNE_H
#define SERVER_TUNE_H

#include <stddef.h>

#include "allocators/allocator.h"

#define TUNE_TERMS 16
#define TUNE_WHY   512

struct tune {
	const char *terms[TUNE_TERMS]; /* "KEY=VALUE", as they were given */
	size_t count;
};

/* Adds a term. -EINVAL: no KEY=VALUE; -E2BIG: too many. */
int tune_add(struct tune *tune, const char *term);

/*
 * Checks all keys and sets the environment for the startup knobs among them. Returns 1 when the
 * environment had to be changed, so that the caller must execute itself again; 0 when all is in
 * place; or -errno with a line in why.
 */
int tune_environment(const struct tune *tune, char why[TUNE_WHY]);

/* Applies the runtime knobs. Returns 0, or -errno with a line in why. */
int tune_apply(const struct tune *tune, char why[TUNE_WHY]);

/* The value in effect for a term, or "not readable". Returns value. */
const char *tune_effective(const char *term, char value[ALLOCATOR_TEXT]);

#endif
