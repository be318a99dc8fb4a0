/*
 * whole.h - files that are replaced only when what replaces them is whole.
 */
#ifndef ANALYSIS_WHOLE_H
#define ANALYSIS_WHOLE_H

#include <stdio.h>

/*
 * Has write fill directory/name under a name of its own, and renames it when that returned 0 and
 * all was written; else what was there stays. Returns 0, or -errno with a line in why.
 */
int whole_write(const char *directory, const char *name,
		int (*write)(FILE *file, const void *context), const void *context, char *why,
		size_t room);

#endif
