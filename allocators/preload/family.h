/*
 * family.h - what an allocator can do besides malloc and free, by the functions that it exports.
 */
#ifndef ALLOCATORS_PRELOAD_FAMILY_H
#define ALLOCATORS_PRELOAD_FAMILY_H

#include <stdbool.h>

#include "allocators/allocator.h"
#include "allocators/preload/live.h"

#define FAMILY_FUNCTIONS 4

/* Members as in struct allocator; all but release_process may be NULL. */
struct family {
	const char *name;
	const char *call; /* the release call, for people */

	/* All of these must be there; what the members below call by its place in this list. */
	const char *functions[FAMILY_FUNCTIONS];
	bool elsewhere; /* they are in a library that malloc's depends on */

	int (*start_process)(void);
	const char *(*version)(void); /* NULL: it does not tell */
	void (*flush_thread)(void);
	int (*release_process)(char why[ALLOCATOR_TEXT]);
	uint64_t (*delay)(void);
	int (*stats)(struct allocator_stats *stats);
};

/* The first one whose functions the live library has, or NULL. */
const struct family *family_find(const struct live *live);

#endif
