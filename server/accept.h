/*
 * accept.h - an epoll loop's side of its listener: takes who waits, rests while the machine lacks
 * files or memory, and leaves a shared listener to other processes while its own is full.
 */
#ifndef SERVER_ACCEPT_H
#define SERVER_ACCEPT_H

#include "server/loop.h"

/* Has the loop wait for connections. Returns 0 or -errno. */
int accept_begin(struct loop *loop);

/* Accepts who waits, as far as there is room: when the listener, or its bell, is readable. */
void accept_waiting(struct loop *loop);

/* Begins again what was left for a while; when that must wait, it sets the loop's next wake. */
void accept_end_iteration(struct loop *loop);

#endif
