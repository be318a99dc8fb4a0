/*
 * accept.c - an epoll loop's side of its listener. See accept.h.
 */
#include "server/accept.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/clock.h"

/* So that a burst's accepts do not starve the reads and closes of others. */
#define ACCEPT_BATCH 64u

static int watch_listener(const struct loop *loop)
{
	/* EPOLLEXCLUSIVE: of the loops that share a listener, not all wake for each connection. */
	bool shared = loop->shard.server->options.share == SHARE_LISTENER;

	return loop_watch(loop, loop->listener->fd, shared ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN);
}

int accept_begin(struct loop *loop)
{
	int error = watch_listener(loop);

	loop->aside = false;
	loop->accept_at = UINT64_MAX;
	if (!error && loop->listener->bell >= 0)
		error = loop_watch(loop, loop->listener->bell, EPOLLIN | EPOLLET);
	return error;
}

/*
 * Of processes that share a listener, one that is full leaves what waits to those that have room;
 * the last one sheds. EPOLLEXCLUSIVE has woken perhaps nobody else, so the others are told. One
 * that is stopped (SIGSTOP) with room left counts as one that has room: who waits then waits for
 * it.
 */
static bool step_aside(struct loop *loop)
{
	struct shard *shard = &loop->shard;

	if (loop->listener->bell < 0)
		return false;
	loop->full_at = connections_count(&shard->connections);
	shard_tell_full(shard, true);
	if (!shard_others_have_room(shard))
		return false;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, loop->listener->fd, NULL);
	loop->aside = true;
	eventfd_write(loop->listener->bell, 1);
	return true;
}

/* The bell rings also when one that had room is gone for a while: then nobody else may be left. */
static void look_for_others(struct loop *loop)
{
	if (shard_others_have_room(&loop->shard))
		return;
	loop->accept_at = 0;
	loop->aside = false;
}

/* Has a connection gone since it was full? */
static void look_for_room(struct loop *loop)
{
	struct shard *shard = &loop->shard;

	if (!shard->connections.account.full ||
	    connections_count(&shard->connections) >= loop->full_at)
		return;
	shard_tell_full(shard, false);
	if (loop->aside)
		loop->accept_at = 0;
	loop->aside = false;
}

/* Returns 0 to go on accepting, or -errno: nobody waits any more, or there is no room. */
static int accept_one(struct loop *loop)
{
	int fd = listener_accept(loop->listener, SOCK_NONBLOCK);
	int error;

	if (fd == -EMFILE && step_aside(loop))
		return -EAGAIN;
	if (fd == -EMFILE || fd == -ENFILE) {
		error = listener_shed(loop->listener);
		if (!error)
			shard_count_shed(&loop->shard, fd);
		return error;
	}
	if (fd < 0)
		return fd;
	error = loop_watch(loop, fd, EPOLLIN);
	if (error) {
		close(fd);
		shard_count_shed(&loop->shard, error);
	} else {
		shard_open(&loop->shard, fd);
	}
	return 0;
}

/*
 * Not until nobody waits: accept() makes a file and an inode before it looks for a connection
 * (do_accept() in net/socket.c), so that to be told of none costs nearly what one does.
 */
void accept_waiting(struct loop *loop)
{
	unsigned int waiting;
	int error = 0;

	if (loop->aside)
		look_for_others(loop);
	if (loop->aside || loop->accept_at != UINT64_MAX)
		return;
	waiting = listener_waiting(loop->listener);
	waiting = MIN(MAX(waiting, 1u), ACCEPT_BATCH);
	for (unsigned int i = 0; i < waiting && !error; i++)
		error = accept_one(loop);
	if (!listener_lacks(error)) {
		listener_regain_spare(loop->listener);
		return;
	}
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, loop->listener->fd, NULL);
	loop->accept_at = clock_now() + LISTENER_REST;
}

/* After a rest. To watch it takes memory, for which it may have to rest again. */
void accept_end_iteration(struct loop *loop)
{
	uint64_t now;

	look_for_room(loop);
	if (loop->accept_at == UINT64_MAX)
		return;
	now = clock_now();
	if (loop->accept_at <= now)
		loop->accept_at = watch_listener(loop) ? now + LISTENER_REST : UINT64_MAX;
	loop->shard.wake = MIN(loop->shard.wake, loop->accept_at);
}
