/*
 * uring_io.c - what happens on the connections of an io_uring loop. See uring_io.h.
 */
#include "server/uring_io.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static struct uring_loop *loop_of(struct dialog *dialog)
{
	return (struct uring_loop *)((char *)dialog - offsetof(struct uring_loop, shard.dialog));
}

static uint64_t about(enum operation operation, const struct connection *connection)
{
	return operation | (uint64_t)(uint32_t)connection->fd << 3 |
	       (uint64_t)connection->serial << 35;
}

void uring_receive(struct uring_loop *loop, struct connection *connection)
{
	connection->hearing = true;
	ring_receive(&loop->ring, connection->fd, about(OPERATION_RECEIVE, connection));
}

/* Sends the first buffer that waits. */
static void send_waiting(struct uring_loop *loop, struct connection *connection)
{
	struct io_uring_sqe *submission = ring_submission(&loop->ring);
	struct buffer *first = connection->state->out;

	first->fd = connection->fd;
	connection->sending = true;
	loop->under_way++;
	io_uring_prep_send(submission, connection->fd, first->bytes + first->begin,
			   first->end - first->begin, MSG_NOSIGNAL);
	io_uring_sqe_set_data64(submission, OPERATION_SEND | (uint64_t)(uintptr_t)first);
}

static bool stands_in(const struct uring_loop *loop, unsigned int number, const char *bytes,
		      size_t length)
{
	const char *begin;

	if (number == NO_BUFFER)
		return false;
	begin = ring_buffer(&loop->ring, number);
	return begin <= bytes && bytes + length <= begin + RING_BUFFER;
}

/*
 * From the provided buffer, by an operation that is submitted with others. What stands elsewhere is
 * gone when this returns, so it is sent at once: to keep it for an operation would take a block of
 * the plug-in for each, and in a burst of them, many at a time.
 */
static ssize_t reply(struct dialog *dialog, const char *bytes, size_t length)
{
	struct uring_loop *loop = loop_of(dialog);
	struct connection *connection = dialog->connection;
	unsigned int number = loop->offered;
	struct io_uring_sqe *submission;

	if (connection->sending)
		return 0;
	if (!stands_in(loop, number, bytes, length))
		return shard_send(dialog, bytes, length);
	loop->offered = NO_BUFFER;
	loop->lent++;
	loop->replies[number] = (struct reply){ bytes, (uint32_t)length, connection->fd,
						connection->serial };
	connection->sending = true;
	submission = ring_submission(&loop->ring);
	io_uring_prep_send(submission, connection->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	io_uring_sqe_set_data64(submission, OPERATION_REPLY | (uint64_t)number << 3);
	return (ssize_t)length;
}

static void waits(struct dialog *dialog)
{
	if (dialog_waits(dialog) && !dialog->connection->sending)
		send_waiting(loop_of(dialog), dialog->connection);
}

/*
 * Operations under way hold the file: only a shutdown ends them, and lets close() close it. What is
 * prepared names a descriptor that another thread may be given as soon as it is closed.
 *
 * close() with unread data is a reset. Here the receive reads that data first, but after a shutdown
 * the window stays closed (tcp_cleanup_rbuf() in net/ipv4/tcp.c): who floods would get neither room
 * nor a reset for tcp_fin_timeout, a minute.
 */
static void end_operations(struct uring_loop *loop, int fd)
{
	static const struct linger reset = { .l_onoff = 1 };
	int unread;

	ring_submit(&loop->ring);
	shutdown(fd, SHUT_RDWR);
	if (!ioctl(fd, FIONREAD, &unread) && unread)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

static void closing(struct dialog *dialog)
{
	const struct connection *connection = dialog->connection;
	struct state *state = connection->state;

	if (connection->hearing || connection->sending)
		end_operations(loop_of(dialog), connection->fd);
	if (state && state->out && state->out->fd >= 0) {
		state->out->fd = BUFFER_LOST;
		state->out = state->out->next;
	}
}

const struct transport uring_transport = {
	.send = reply,
	.waits = waits,
	.remind = shard_remind,
	.closing = closing,
};

/* More waits than is under way: the peer does not read, so neither do we. */
static void restrain(struct uring_loop *loop, struct connection *connection)
{
	struct io_uring_sqe *submission;

	if (connection->deaf || !connection->state || !connection->state->out ||
	    !connection->state->out->next)
		return;
	connection->deaf = true;
	if (!connection->hearing)
		return;
	submission = ring_submission(&loop->ring);
	io_uring_prep_cancel64(submission, about(OPERATION_RECEIVE, connection), 0);
	io_uring_sqe_set_data64(submission, OPERATION_CANCEL);
}

/* A send is over: the next one, or nothing waits any more. */
static void go_on(struct uring_loop *loop, struct connection *connection)
{
	if (connection->state && connection->state->out) {
		send_waiting(loop, connection);
		return;
	}
	connection->deaf = false;
	if (shard_drained(&loop->shard, connection) && !connection->hearing)
		uring_receive(loop, connection);
}

static struct connection *find(struct uring_loop *loop, int fd, uint32_t serial)
{
	struct connection *connection = shard_find(&loop->shard, fd);

	return connection && connection->serial == serial ? connection : NULL;
}

void uring_on_reply(struct uring_loop *loop, unsigned int number, int result)
{
	const struct reply *sent = &loop->replies[number];
	struct connection *connection = find(loop, sent->fd, sent->serial);
	uint32_t done = result > 0 ? (uint32_t)result : 0;
	int error = result < 0 && result != -EAGAIN ? result : 0;

	loop->lent--;
	if (connection) {
		connection->sending = false;
		loop->shard.dialog.connection = connection;
		if (!error && done < sent->length)
			error = dialog_wait_first(&loop->shard.dialog, sent->bytes + done,
						  sent->length - done);
		if (error)
			shard_close(&loop->shard, connection);
		else
			go_on(loop, connection);
	}
	ring_give_back(&loop->ring, number);
}

void uring_on_send(struct uring_loop *loop, struct buffer *buffer, int result)
{
	struct connection *connection;

	loop->under_way--;
	if (buffer->fd == BUFFER_LOST) {
		buffer_give(buffer, &loop->shard.connections.account);
		return;
	}
	connection = shard_find(&loop->shard, buffer->fd);
	buffer->fd = BUFFER_WAITS;
	connection->sending = false;
	if (result < 0 && result != -EAGAIN && result != -EINTR) {
		shard_close(&loop->shard, connection);
		return;
	}
	loop->shard.dialog.connection = connection;
	dialog_sent(&loop->shard.dialog, result > 0 ? (size_t)result : 0);
	go_on(loop, connection);
}

static bool on_data(struct uring_loop *loop, struct connection *connection, unsigned int number,
		    int length)
{
	bool open;

	loop->used++;
	loop->offered = number;
	open = shard_data(&loop->shard, connection, ring_buffer(&loop->ring, number),
			  (size_t)length);
	if (open)
		restrain(loop, connection);
	if (loop->offered == number)
		ring_give_back(&loop->ring, number);
	loop->offered = NO_BUFFER;
	return open;
}

void uring_on_receive(struct uring_loop *loop, const struct io_uring_cqe *completion)
{
	uint64_t what = completion->user_data >> 3;
	struct connection *connection = find(loop, (int)(uint32_t)what, (uint32_t)(what >> 32));
	unsigned int number = completion->flags >> IORING_CQE_BUFFER_SHIFT;
	bool open = connection != NULL;

	if (open && !(completion->flags & IORING_CQE_F_MORE))
		connection->hearing = false;
	if (completion->res > 0 && open)
		open = on_data(loop, connection, number, completion->res);
	else if (completion->flags & IORING_CQE_F_BUFFER)
		ring_give_back(&loop->ring, number);
	if (!open || connection->hearing || connection->deaf)
		return;
	if (completion->res == 0)
		shard_end_of_data(&loop->shard, connection);
	/* ENOBUFS: others had all the buffers. ECANCELED: it was deaf for a moment. */
	else if (completion->res < 0 && completion->res != -ENOBUFS &&
		 completion->res != -ECANCELED && completion->res != -EINTR)
		shard_close(&loop->shard, connection);
	else
		uring_receive(loop, connection);
}
