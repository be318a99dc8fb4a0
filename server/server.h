/*
 * server.h - what the loops of a running server share, within a process.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdatomic.h>

#include "server/base/status.h"
#include "server/index.h"
#include "server/journal.h"
#include "server/listener.h"
#include "server/options.h"
#include "server/rounds.h"

struct server {
	struct server_options options;
	struct listener listener; /* the first, where loops have one each */
	struct status_page *status;
	struct index index;
	struct rounds rounds;
	struct journal journal;
	int statm;	     /* for memory_anonymous(); below 0: it is unknown */
	int signals;	     /* readable when SIGINT or SIGTERM came */
	int stop;	     /* an eventfd, readable for ever once the loops are to end */
	atomic_uint missing; /* threads of a crew that are not up yet */
};

/* Sets up what the loops of this process share; again in each process after a fork. 0 or -errno. */
int server_begin(struct server *server);

void server_end(struct server *server);

/* A thread of a crew has all that it needs: the last of them says --ready-fd. */
void server_up(struct server *server);

/* Has all loops of this process end. From any thread. */
void server_stop(struct server *server);

#endif
