/*
 * descendants.h - the processes that another one has started, and they in turn.
 */
#ifndef ANALYSIS_DESCENDANTS_H
#define ANALYSIS_DESCENDANTS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Fills pids with the descendants of root that live at this moment, parents before their children;
 * no more than room. Returns how many, or -errno.
 */
int descendants_of(pid_t root, pid_t *pids, size_t room);

#endif
