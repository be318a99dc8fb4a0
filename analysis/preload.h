/*
 * preload.h - an allocator that is preloaded into a server: "preload:[NAME=]FILE".
 *
 * The server is the one that takes any: server-preload. Whether the library is an allocator shows
 * when it is in a process; here is looked only whether it can get there.
 */
#ifndef ANALYSIS_PRELOAD_H
#define ANALYSIS_PRELOAD_H

#include <limits.h>
#include <stdbool.h>

#include "server/base/options.h"

#define PRELOAD	     "preload"
#define PRELOAD_NAME 80
#define PRELOAD_WHY  OPTIONS_WHY

/* Is text "preload" or "preload:..."? */
bool preload_is(const char *text);

/*
 * Sets name to how it is called in tables ("preload:libjemalloc.so.2", "preload:NAME") and path to
 * the file, absolute and with its links followed. Returns 0, or -EINVAL with a line in why: also
 * when it cannot be preloaded into a program of this machine.
 */
int preload_parse(const char *text, char name[PRELOAD_NAME], char path[PATH_MAX],
		  char why[PRELOAD_WHY]);

#endif
