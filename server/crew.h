/*
 * crew.h - the threads of an architecture that has several.
 */
#ifndef SERVER_CREW_H
#define SERVER_CREW_H

#include "server/server.h"

/*
 * Runs work(server, number, argument) for every number from 0 to count - 1: 0 on the calling
 * thread, each other one on a thread of its own, all known to the allocator. Each is to call
 * server_up(). When one returns, the server stops. Returns when all have, with the first error or
 * 0.
 */
int crew_run(struct server *server, unsigned int count,
	     int (*work)(struct server *server, unsigned int number, void *argument),
	     void *argument);

#endif
