/*
 * live.h - which object of this process malloc and free really lie in.
 */
#ifndef ALLOCATORS_PRELOAD_LIVE_H
#define ALLOCATORS_PRELOAD_LIVE_H

#include <stdbool.h>

#include "allocators/allocator.h"

/* The allocator's object, as the dynamic linker has bound it; zeroed where there is none. */
struct live {
	const char *path;   /* as the dynamic linker has it */
	const void *object; /* its load address */
};

/* Returns 0, or -ENOENT: malloc is the C library's own. */
int live_find(struct live *live);

/*
 * Writes where malloc, free, calloc and realloc are. Returns 0, or -ENOENT when they are not one
 * allocator, and none of them the C library's; the sentence then says what is wrong, and the fix.
 */
int live_prove(const struct live *live, char sentence[ALLOCATOR_TEXT]);

/*
 * A function that the allocator exports, or NULL; elsewhere: it lies in another library than
 * malloc, but never in the C library.
 */
void *live_function(const struct live *live, const char *name, bool elsewhere);

/* The name of the allocator's file, with its links followed. */
const char *live_file(const struct live *live);

#endif
