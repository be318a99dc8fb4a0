/*
 * loop.c - an epoll loop. See loop.h.
 *
 * Level-triggered: an event costs one recv(), and none to see that there is no more. The interest
 * changes only for a peer that does not read.
 */
#include "server/loop.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/param.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/process.h"

#define EVENTS	     256
/* So that a burst's accepts do not starve the reads and closes of others. */
#define ACCEPT_BATCH 64u

static int watch(const struct loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int watch_listener(const struct loop *loop)
{
	/* EPOLLEXCLUSIVE: of the loops that share a listener, not all wake for each connection. */
	bool shared = loop->shard.server->options.share == SHARE_LISTENER;

	return watch(loop, loop->listener->fd, shared ? EPOLLIN | EPOLLEXCLUSIVE : EPOLLIN);
}

/* Stops reading what cannot be answered, until what waits has been taken. */
static void waits(struct dialog *dialog)
{
	const struct loop *loop = (struct loop *)((char *)dialog -
						  offsetof(struct loop, shard.dialog));
	struct connection *connection = dialog->connection;
	bool deaf = dialog_waits(dialog);
	struct epoll_event event = { .events = deaf ? EPOLLOUT : EPOLLIN,
				     .data.fd = connection->fd };

	if (connection->deaf == deaf)
		return;
	connection->deaf = deaf;
	/* Cannot fail: the descriptor is watched, and a change takes no memory. */
	epoll_ctl(loop->epoll, EPOLL_CTL_MOD, connection->fd, &event);
}

static const struct transport transport = {
	.send = shard_send,
	.waits = waits,
	.remind = shard_remind,
};

static void wake(void *argument)
{
	const struct loop *loop = argument;

	eventfd_write(loop->wakeup, 1);
}

/*
 * Of processes that share a listener, one that is full leaves what waits to those that have room;
 * the last one sheds. EPOLLEXCLUSIVE has woken perhaps nobody else, so the others are told.
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
	error = watch(loop, fd, EPOLLIN);
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
static void accept_batch(struct loop *loop)
{
	unsigned int waiting;
	int error = 0;

	if (loop->aside || loop->accept_at != UINT64_MAX)
		return;
	waiting = listener_waiting(loop->listener);
	waiting = MIN(MAX(waiting, 1u), ACCEPT_BATCH);
	for (unsigned int i = 0; i < waiting && !error; i++)
		error = accept_one(loop);
	if (!listener_lacks(error))
		return;
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, loop->listener->fd, NULL);
	loop->accept_at = clock_now() + LISTENER_REST;
}

/* After a rest. To watch it takes memory, for which it may have to rest again. */
static void accept_again(struct loop *loop)
{
	uint64_t now;

	if (loop->accept_at == UINT64_MAX)
		return;
	now = clock_now();
	if (loop->accept_at <= now) {
		listener_regain_spare(loop->listener);
		loop->accept_at = watch_listener(loop) ? now + LISTENER_REST : UINT64_MAX;
	}
	loop->shard.wake = MIN(loop->shard.wake, loop->accept_at);
}

static void serve(struct loop *loop, int fd)
{
	/* One that this batch's earlier events have closed is gone. */
	struct connection *connection = shard_find(&loop->shard, fd);

	if (!connection)
		return;
	if (connection->deaf)
		shard_write(&loop->shard, connection);
	else
		shard_read(&loop->shard, connection);
}

static void dispatch(struct loop *loop, int fd)
{
	eventfd_t value;

	if (fd == loop->listener->fd || fd == loop->listener->bell)
		accept_batch(loop);
	else if (fd == loop->wakeup)
		eventfd_read(fd, &value);
	else if (fd == loop->shard.server->stop)
		loop->stopping = true;
	else if (fd == loop->shard.server->signals)
		loop->stopping = process_next_signal(fd) != 0;
	else
		serve(loop, fd);
}

static int begin(struct loop *loop)
{
	const struct server *server = loop->shard.server;
	int error = 0;

	if (loop->wakeup < 0 || loop->epoll < 0)
		return -errno;
	error = watch(loop, loop->wakeup, EPOLLIN);
	if (!error)
		error = watch(loop, server->stop, EPOLLIN);
	if (!error)
		error = watch(loop, server->signals, EPOLLIN | EPOLLEXCLUSIVE);
	if (!error)
		error = watch_listener(loop);
	if (!error && loop->listener->bell >= 0)
		error = watch(loop, loop->listener->bell, EPOLLIN | EPOLLET);
	return error;
}

static int iterate(struct loop *loop)
{
	struct epoll_event events[EVENTS];
	int count = epoll_wait(loop->epoll, events, EVENTS, shard_time_to_wake(&loop->shard));

	if (count < 0 && errno != EINTR)
		return -errno;
	for (int i = 0; i < count; i++)
		dispatch(loop, events[i].data.fd);
	shard_end_iteration(&loop->shard);
	look_for_room(loop);
	accept_again(loop);
	return 0;
}

int loop_run(struct server *server, struct listener *listener, unsigned int slot)
{
	struct loop loop; /* with its read buffer on the stack, outside the plug-in's heap */
	int error;

	loop.listener = listener;
	loop.stopping = false;
	loop.aside = false;
	loop.accept_at = UINT64_MAX;
	loop.wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	shard_init(&loop.shard, server, slot, &transport, wake, &loop);
	error = begin(&loop);
	while (!error && !loop.stopping)
		error = iterate(&loop);
	shard_farewell(&loop.shard);
	shard_free(&loop.shard);
	if (loop.epoll >= 0)
		close(loop.epoll);
	if (loop.wakeup >= 0)
		close(loop.wakeup);
	return error;
}
