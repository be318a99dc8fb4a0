/*
 * shard.c - what all loops have in common. See shard.h.
 */
#include "server/shard.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"

static struct shard *shard_of(struct dialog *dialog)
{
	return (struct shard *)((char *)dialog - offsetof(struct shard, dialog));
}

static bool pack(struct member *member)
{
	struct shard *shard = (struct shard *)((char *)member - offsetof(struct shard, member));

	return compact_step(&shard->compact, &shard->connections);
}

void shard_init(struct shard *shard, struct server *server, unsigned int slot,
		const struct transport *transport, void (*wake)(void *argument), void *argument)
{
	struct status_slot *account = &shard->connections.account;

	/* All but the buffer, which nobody needs to touch before there is data. */
	memset(shard, 0, offsetof(struct shard, buffer));
	shard->server = server;
	shard->slot = slot;
	connections_init(&shard->connections, &server->options.footprint.footprint, &server->index);
	/* A worker that takes a dead one's place goes on with its counts. */
	if (status_read_slot(server->status, slot, account))
		memset(account, 0, sizeof(*account));
	account->pid = (uint64_t)getpid();
	shard->opened = account->opened;
	shard->closed = account->closed;
	shard->dialog = (struct dialog){ .options = &server->options,
					 .transport = transport,
					 .account = account };
	rounds_join(&server->rounds, &shard->member, wake, argument);
	shard->member.pack = pack;
	status_publish(server->status, slot, account);
}

/* A connection that cannot be served is better told so at once than left waiting. */
void shard_count_shed(struct shard *shard, int error)
{
	shard->connections.account.shed++;
	if (shard->said_shed)
		return;
	shard->said_shed = true;
	process_say("shedding a connection: %s at %llu open ones%s (said once; the status page "
		    "counts them)",
		    strerror(-error), (unsigned long long)connections_count(&shard->connections),
		    error == -EMFILE   ? "; raise it with ulimit -n"
		    : error == -ENOSPC ? "; see fs.epoll.max_user_watches"
				       : "");
}

void shard_tell_full(struct shard *shard, bool full)
{
	struct status_slot *account = &shard->connections.account;

	account->full = full;
	status_publish(shard->server->status, shard->slot, account);
}

bool shard_others_have_room(const struct shard *shard)
{
	const struct status_page *page = shard->server->status;
	struct status_slot other;

	/* Of two that become full at once, one at the least sees the other. */
	atomic_thread_fence(memory_order_seq_cst);
	for (unsigned int i = 0; i < status_slots(page); i++)
		if (i != shard->slot && !status_read_slot(page, i, &other) && other.pid &&
		    !other.full)
			return true;
	return false;
}

struct connection *shard_open(struct shard *shard, int fd)
{
	struct connection *connection = connections_open(&shard->connections, fd);

	if (!connection) {
		close(fd);
		shard_count_shed(shard, -ENOMEM);
	}
	return connection;
}

void shard_close(struct shard *shard, struct connection *connection)
{
	const struct protocol *protocol = shard->server->options.protocol;

	shard->dialog.connection = connection;
	if (shard->dialog.transport->closing)
		shard->dialog.transport->closing(&shard->dialog);
	if (protocol->close)
		protocol->close(&shard->dialog);
	dialog_close(&shard->dialog);
	connections_close(&shard->connections, connection);
}

/*
 * Our side is shut, the peer's data is thrown away until its side is shut, too: a close() with
 * unread data would be a reset, which can overtake our last words (RFC 9112, 9.6).
 */
static bool linger(struct shard *shard, struct connection *connection)
{
	connection->phase = CONNECTION_LINGERING;
	if (shutdown(connection->fd, SHUT_WR) || shard_remind(&shard->dialog, DIALOG_LINGER)) {
		shard_close(shard, connection);
		return false;
	}
	return true;
}

/* What follows from a callback's answer. */
static bool obey(struct shard *shard, struct connection *connection, int answer)
{
	if (!answer)
		return true;
	if (answer < 0) {
		shard_close(shard, connection);
		return false;
	}
	if (connection->phase != CONNECTION_OPEN)
		return true;
	if (!dialog_waits(&shard->dialog) && !connection->sending)
		return linger(shard, connection);
	connection->phase = CONNECTION_DRAINING;
	return true;
}

bool shard_data(struct shard *shard, struct connection *connection, char *data, size_t length)
{
	int answer;

	if (connection->phase != CONNECTION_OPEN)
		return true;
	shard->dialog.connection = connection;
	answer = connections_feed(&shard->connections, connection);
	if (!answer)
		answer = shard->server->options.protocol->data(&shard->dialog, data, length);
	return obey(shard, connection, answer);
}

bool shard_end_of_data(struct shard *shard, struct connection *connection)
{
	shard->dialog.connection = connection;
	if (dialog_waits(&shard->dialog) || connection->sending) {
		connection->phase = CONNECTION_DRAINING;
		return true;
	}
	shard_close(shard, connection);
	return false;
}

bool shard_drained(struct shard *shard, struct connection *connection)
{
	shard->dialog.connection = connection;
	if (connection->phase != CONNECTION_DRAINING)
		return true;
	return linger(shard, connection);
}

ssize_t shard_read(struct shard *shard, struct connection *connection)
{
	ssize_t length = recv(connection->fd, shard->buffer, sizeof(shard->buffer), 0);

	if (length > 0)
		return shard_data(shard, connection, shard->buffer, (size_t)length) ? length : -1;
	if (length == 0)
		return shard_end_of_data(shard, connection) ? 0 : -1;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	shard_close(shard, connection);
	return -1;
}

bool shard_write(struct shard *shard, struct connection *connection)
{
	int error;

	shard->dialog.connection = connection;
	error = dialog_waits(&shard->dialog) ? dialog_drain(&shard->dialog) : 0;
	if (error == -EAGAIN)
		return false;
	if (error) {
		shard_close(shard, connection);
		return false;
	}
	if (!shard_drained(shard, connection))
		return false;
	shard->dialog.transport->waits(&shard->dialog);
	return true;
}

ssize_t shard_send(struct dialog *dialog, const char *bytes, size_t length)
{
	ssize_t sent = send(dialog->connection->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return sent;
}

int shard_remind(struct dialog *dialog, enum dialog_timer timer)
{
	struct shard *shard = shard_of(dialog);
	/* From one tick to the next, so that lateness does not add up. */
	uint64_t begin = timer == DIALOG_TICK && shard->ringing ? shard->ringing : clock_now();
	uint64_t due = begin + dialog_period(dialog, timer);

	return lifetimes_push(
		&shard->timers[timer],
		(struct lifetime){ due, dialog->connection->fd, dialog->connection->serial });
}

/* Is --timeout over for something that the peer owes? What it still may owe is looked at again. */
static int look(struct shard *shard, struct connection *connection, uint64_t now)
{
	const struct protocol *protocol = shard->server->options.protocol;
	struct state *state = connection->state;
	int answer = 0;

	connection->patience = false;
	if (state && state->out && state->out->deadline <= now)
		return -ETIMEDOUT;
	if (protocol->patience && connection->phase == CONNECTION_OPEN)
		answer = protocol->patience(&shard->dialog, now);
	/* Also for last words, which may wait behind others. */
	if (answer >= 0 && dialog_waits(&shard->dialog) && dialog_expect(&shard->dialog))
		answer = -ENOMEM;
	return answer;
}

static int ring(struct shard *shard, struct connection *connection, enum dialog_timer timer,
		uint64_t now)
{
	shard->dialog.connection = connection;
	if (timer == DIALOG_LINGER)
		return -ETIMEDOUT;
	if (timer == DIALOG_PATIENCE)
		return look(shard, connection, now);
	if (connection->phase != CONNECTION_OPEN)
		return 0;
	return shard->server->options.protocol->tick(&shard->dialog);
}

/* Returns the moment of the next one. */
static uint64_t ring_all(struct shard *shard, enum dialog_timer timer, uint64_t now)
{
	struct lifetimes *queue = &shard->timers[timer];
	const struct lifetime *first;

	while ((first = lifetimes_first(queue)) && first->due <= now) {
		struct connection *connection = shard_find(shard, first->fd);
		bool current = connection && connection->serial == first->serial;

		shard->ringing = timer == DIALOG_TICK ? first->due : 0;
		lifetimes_pop(queue);
		if (current)
			obey(shard, connection, ring(shard, connection, timer, now));
	}
	shard->ringing = 0;
	lifetimes_trim(queue);
	return first ? first->due : UINT64_MAX;
}

static void trim(struct shard *shard)
{
	struct status_slot *account = &shard->connections.account;

	connections_trim(&shard->connections);
	for (int timer = 0; timer < DIALOG_TIMERS; timer++)
		account->table_bytes += extent_held(&shard->timers[timer].entries);
	if (shard->slot == 0)
		account->table_bytes += index_held(&shard->server->index);
}

void shard_end_iteration(struct shard *shard)
{
	struct status_slot *account = &shard->connections.account;
	uint64_t now = clock_now();
	uint64_t opened, closed;

	shard->wake = connections_expire(&shard->connections, now);
	for (int timer = 0; timer < DIALOG_TIMERS; timer++)
		shard->wake = MIN(shard->wake, ring_all(shard, timer, now));
	opened = account->opened - shard->opened;
	closed = account->closed - shard->closed;
	shard->opened = account->opened;
	shard->closed = account->closed;
	trim(shard);
	shard->wake = MIN(shard->wake, rounds_turn(&shard->server->rounds, &shard->member, opened,
						   closed, account));
	status_publish(shard->server->status, shard->slot, account);
	if (opened || closed)
		journal_note(&shard->server->journal);
}

int shard_time_to_wake(const struct shard *shard)
{
	uint64_t now;

	if (shard->wake == UINT64_MAX)
		return -1;
	now = clock_now();
	if (shard->wake <= now)
		return 0;
	return (int)MIN((shard->wake - now + NS_PER_MS - 1) / NS_PER_MS, (uint64_t)INT_MAX);
}

void shard_farewell(struct shard *shard)
{
	const struct protocol *protocol = shard->server->options.protocol;

	for (uint32_t i = 0; protocol->farewell && i < shard->connections.table.count; i++) {
		shard->dialog.connection = table_at(&shard->connections.table, i);
		if (shard->dialog.connection->phase == CONNECTION_OPEN)
			protocol->farewell(&shard->dialog);
	}
}

void shard_free(struct shard *shard)
{
	struct table *table = &shard->connections.table;

	while (table->count)
		shard_close(shard, table_at(table, 0));
	rounds_leave(&shard->server->rounds, &shard->member, &shard->connections.account);
	connections_free(&shard->connections);
	for (int timer = 0; timer < DIALOG_TIMERS; timer++)
		lifetimes_free(&shard->timers[timer]);
	shard->connections.account.table_bytes = 0;
	status_publish(shard->server->status, shard->slot, &shard->connections.account);
}
