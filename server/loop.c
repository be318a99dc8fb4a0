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
#include <unistd.h>

#include "server/accept.h"
#include "server/base/process.h"

#define EVENTS 256

int loop_watch(const struct loop *loop, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
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
		accept_waiting(loop);
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
	error = loop_watch(loop, loop->wakeup, EPOLLIN);
	if (!error)
		error = loop_watch(loop, server->stop, EPOLLIN);
	if (!error)
		error = loop_watch(loop, server->signals, EPOLLIN | EPOLLEXCLUSIVE);
	if (!error)
		error = accept_begin(loop);
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
	accept_end_iteration(loop);
	return 0;
}

int loop_run(struct server *server, struct listener *listener, unsigned int slot)
{
	struct loop loop; /* with its read buffer on the stack, outside the plug-in's heap */
	int error;

	loop.listener = listener;
	loop.stopping = false;
	loop.wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	shard_init(&loop.shard, server, slot, &transport, wake, &loop);
	error = begin(&loop);
	if (!error)
		server_up(server);
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
