/*
 * uring.c - the architecture of an io_uring a thread.
 *
 * Accepting and receiving go on by themselves (multishot); uring_io.h is what happens on
 * connections.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/arch/arch.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"
#include "server/crew.h"
#include "server/listeners.h"
#include "server/uring_io.h"

#define REST (NS_PER_S / 2)
#define BUSY 64 /* provided buffers used in that time, and more: they would come back at once */

static void accept_on(struct uring_loop *loop)
{
	struct io_uring_sqe *submission = ring_submission(&loop->ring);

	/* Blocking: for a non-blocking socket io_uring would not wait, but say EAGAIN. */
	io_uring_prep_multishot_accept(submission, loop->listener->fd, NULL, NULL, SOCK_CLOEXEC);
	io_uring_sqe_set_data64(submission, OPERATION_ACCEPT);
	loop->accepting = true;
}

static void poll_once(struct uring_loop *loop, int fd)
{
	struct io_uring_sqe *submission = ring_submission(&loop->ring);

	io_uring_prep_poll_add(submission, fd, POLLIN);
	io_uring_sqe_set_data64(submission, OPERATION_POLL | (uint64_t)(uint32_t)fd << 3);
}

/*
 * The kernel takes a descriptor and a file before it looks whether somebody waits, so accepting can
 * say EMFILE or ENFILE with nobody there: first wait for somebody, then try again, and only then
 * shed. That takes no descriptor, so there is none that another ring's accepts could take away; but
 * a file, which is the spare one's where the whole system has run out of them.
 */
static void on_full(struct uring_loop *loop, int error)
{
	if (loop->crowded) {
		if (error == -ENFILE)
			listener_yield_spare(loop->listener);
		loop->lacking = error;
		ring_accept_apart(&loop->ring, loop->listener->fd, OPERATION_SHED);
	} else {
		poll_once(loop, loop->listener->fd);
	}
	loop->accepting = true;
}

static void on_shed(struct uring_loop *loop, int result)
{
	if (result < 0) {
		loop->accept_at = clock_now() + LISTENER_REST; /* others were faster */
	} else {
		ring_close_apart(&loop->ring, OPERATION_CANCEL);
		shard_count_shed(&loop->shard, loop->lacking);
	}
	listener_regain_spare(loop->listener);
	loop->crowded = false;
	loop->accepting = false;
}

/*
 * Buffers are used in turn, so that a few talkers touch all of them in the end. A loop with little
 * to do needs no memory for them: their pages go back.
 */
static void rest(struct uring_loop *loop, uint64_t now)
{
	/* To submit, as closing does, may have brought data that is not served yet. */
	bool busy = loop->used > BUSY || loop->lent || io_uring_cq_ready(&loop->ring.uring);

	if (loop->rest_at == UINT64_MAX && loop->used) {
		loop->rest_at = now + REST;
	} else if (loop->rest_at <= now) {
		loop->rest_at = busy ? now + REST : UINT64_MAX;
		loop->used = 0;
		if (!busy)
			ring_rest(&loop->ring);
	}
	loop->shard.wake = MIN(loop->shard.wake, loop->rest_at);
}

static void accept_again(struct uring_loop *loop)
{
	if (loop->accept_at > clock_now())
		loop->shard.wake = MIN(loop->shard.wake, loop->accept_at);
	else
		accept_on(loop);
}

static void on_accept(struct uring_loop *loop, const struct io_uring_cqe *completion)
{
	struct connection *connection;

	if (loop->stopping) {
		if (completion->res >= 0)
			close(completion->res);
		return;
	}
	loop->accepting = completion->flags & IORING_CQE_F_MORE;
	if (completion->res >= 0) {
		loop->crowded = false;
		connection = shard_open(&loop->shard, completion->res);
		if (connection)
			uring_receive(loop, connection);
	} else if (completion->res == -EMFILE || completion->res == -ENFILE) {
		on_full(loop, completion->res);
	} else if (listener_lacks(completion->res)) {
		loop->accept_at = clock_now() + LISTENER_REST; /* none to shed with, either */
	}
}

static void on_poll(struct uring_loop *loop, int fd)
{
	eventfd_t value;

	if (fd == loop->listener->fd) {
		loop->crowded = true;
		loop->accepting = false;
		return;
	}
	if (fd == loop->wakeup)
		eventfd_read(fd, &value);
	else if (fd == loop->shard.server->stop || process_next_signal(fd))
		loop->stopping = true;
	if (!loop->stopping)
		poll_once(loop, fd);
}

static void dispatch(struct uring_loop *loop, const struct io_uring_cqe *completion)
{
	uint64_t what = completion->user_data & ~(uint64_t)OPERATION_MASK;

	switch ((enum operation)(completion->user_data & OPERATION_MASK)) {
	case OPERATION_ACCEPT:
		on_accept(loop, completion);
		break;
	case OPERATION_POLL:
		on_poll(loop, (int)(what >> 3));
		break;
	case OPERATION_SHED:
		on_shed(loop, completion->res);
		break;
	case OPERATION_RECEIVE:
		uring_on_receive(loop, completion);
		break;
	case OPERATION_REPLY:
		uring_on_reply(loop, (unsigned int)(what >> 3), completion->res);
		break;
	case OPERATION_SEND:
		uring_on_send(loop, (struct buffer *)(uintptr_t)what, completion->res);
		break;
	default:
		break;
	}
}

static int iterate(struct uring_loop *loop, int milliseconds)
{
	struct io_uring_cqe *completion;
	unsigned int head, count = 0;
	int error = ring_wait(&loop->ring, milliseconds);

	if (error)
		return error;
	io_uring_for_each_cqe(&loop->ring.uring, head, completion)
	{
		dispatch(loop, completion);
		count++;
	}
	io_uring_cq_advance(&loop->ring.uring, count);
	return 0;
}

static void wake(void *argument)
{
	const struct uring_loop *loop = argument;

	eventfd_write(loop->wakeup, 1);
}

static int run(struct uring_loop *loop)
{
	const struct server *server = loop->shard.server;
	int error = 0;

	fcntl(loop->listener->fd, F_SETFL, fcntl(loop->listener->fd, F_GETFL) & ~O_NONBLOCK);
	accept_on(loop);
	poll_once(loop, loop->wakeup);
	poll_once(loop, server->stop);
	poll_once(loop, server->signals);
	server_up(loop->shard.server);
	while (!error && !loop->stopping) {
		error = iterate(loop, shard_time_to_wake(&loop->shard));
		shard_end_iteration(&loop->shard);
		rest(loop, clock_now());
		if (!loop->accepting)
			accept_again(loop);
	}
	/* What was said last goes out, and the sends that closing ends have their completions. */
	shard_farewell(&loop->shard);
	if (!error)
		error = iterate(loop, 0);
	return error;
}

static int work(struct server *server, unsigned int number, void *argument)
{
	struct uring_loop loop;
	int error = ring_init(&loop.ring);

	if (error)
		return error;
	loop.listener = listeners_of((struct listeners *)argument, number);
	loop.stopping = false;
	loop.crowded = false;
	loop.lacking = 0;
	loop.accept_at = 0;
	loop.lent = 0;
	loop.used = 0;
	loop.rest_at = UINT64_MAX;
	loop.under_way = 0;
	loop.offered = NO_BUFFER;
	loop.wakeup = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	shard_init(&loop.shard, server, number, &uring_transport, wake, &loop);
	error = loop.wakeup < 0 ? -errno : run(&loop);
	shard_free(&loop.shard);
	while (!error && loop.under_way)
		error = iterate(&loop, -1);
	status_publish(server->status, number, &loop.shard.connections.account);
	ring_free(&loop.ring);
	if (loop.wakeup >= 0)
		close(loop.wakeup);
	return error;
}

static int serve(struct server *server)
{
	struct listeners listeners;
	int error = listeners_open(&listeners, server);

	if (!error)
		error = crew_run(server, (unsigned int)server->options.workers, work, &listeners);
	listeners_close(&listeners);
	return error;
}

const struct architecture arch_uring = {
	.name = "uring",
	.help = "io_uring, on each of --workers threads (1): receives take a buffer when data comes",
	.takes = ARCH_WORKERS,
	.workers = 1,
	.check = ring_check,
	.serve = serve,
};
