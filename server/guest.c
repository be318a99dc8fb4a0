/*
 * guest.c - one connection on a thread of its own. See guests.h.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/units.h"
#include "server/dialog.h"
#include "server/guests.h"
#include "server/holding.h"

#define BUFFER 4096
#define NEVER  UINT64_MAX

/* One connection, on the stack of its thread. */
struct guest {
	struct guests *guests;
	struct dialog dialog;
	struct status_slot account; /* its own part of it */
	struct status_slot told;    /* what of that is in the guests' account */
	uint64_t timers[DIALOG_TIMERS];
	uint64_t due[FOOTPRINT_ITEMS];
	uint64_t ringing; /* the moment of the tick that is served */
	union {
		struct connection connection;
		char room[sizeof(struct connection) + FOOTPRINT_BLOCKS * sizeof(void *)];
	};
};

static struct guest *guest_of(struct dialog *dialog)
{
	return (struct guest *)((char *)dialog - offsetof(struct guest, dialog));
}

/* Waits for that event until then. Returns whether it came; false also after a day. */
static bool await(int fd, short event, uint64_t until)
{
	struct pollfd wait = { .fd = fd, .events = event };
	uint64_t now = clock_now();
	uint64_t left = until > now ? until - now : 0;

	return poll(&wait, 1, (int)MIN((left + NS_PER_MS - 1) / NS_PER_MS, 86400000u)) != 0;
}

/*
 * All of it, or the peer has taken nothing for --timeout. Not by SO_SNDTIMEO, which begins anew
 * when it has cut a send() short.
 */
static ssize_t send_all(struct dialog *dialog, const char *bytes, size_t length)
{
	int fd = dialog->connection->fd;
	uint64_t deadline = 0;
	size_t done = 0;

	while (done < length) {
		ssize_t sent = send(fd, bytes + done, length - done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent > 0) {
			done += (size_t)sent;
			deadline = 0;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (!deadline)
			deadline = dialog_deadline(dialog);
		/* Not one more send(): it could take a little where poll(2) wants more room. */
		if (!await(fd, POLLOUT, deadline) && clock_now() >= deadline)
			return -ETIMEDOUT;
	}
	return (ssize_t)length;
}

static void waits(struct dialog *dialog)
{
	(void)dialog;
}

static int remind(struct dialog *dialog, enum dialog_timer timer)
{
	struct guest *guest = guest_of(dialog);
	uint64_t begin = timer == DIALOG_TICK && guest->ringing ? guest->ringing : clock_now();

	guest->timers[timer] = begin + dialog_period(dialog, timer);
	return 0;
}

static const struct transport transport = {
	.send = send_all,
	.waits = waits,
	.remind = remind,
};

/* With the lock held. */
static void tell(struct guest *guest)
{
	struct status_slot *total = &guest->guests->account;
	const struct status_slot *own = &guest->account;
	const struct status_slot *told = &guest->told;

	total->opened += own->opened - told->opened;
	total->closed += own->closed - told->closed;
	total->live_bytes += own->live_bytes - told->live_bytes;
	total->live_blocks += own->live_blocks - told->live_blocks;
	total->state_bytes += own->state_bytes - told->state_bytes;
	total->last_close = MAX(total->last_close, own->last_close);
	total->table_bytes = table_held(&guest->guests->table) +
			     index_held(&guest->guests->server->index);
	guest->told = *own;
	status_publish(guest->guests->server->status, 0, total);
}

static void tell_changes(struct guest *guest)
{
	if (!memcmp(&guest->account, &guest->told, sizeof(guest->told)))
		return;
	pthread_mutex_lock(&guest->guests->lock);
	tell(guest);
	pthread_mutex_unlock(&guest->guests->lock);
}

static int take_items(struct guest *guest, bool at_first_byte)
{
	const struct footprint *footprint = &guest->dialog.options->footprint.footprint;
	int error = 0;

	for (uint32_t i = 0; i < footprint->item_count && !error; i++) {
		const struct footprint_item *item = &footprint->items[i];

		if (item->at_first_byte != at_first_byte)
			continue;
		error = holding_take(&guest->connection, item, &guest->account);
		if (item->lifetime)
			guest->due[i] = clock_now() + item->lifetime;
	}
	return error;
}

/* Gives back what has outlived its time. Returns the moment of the next one. */
static uint64_t expire(struct guest *guest, uint64_t now)
{
	const struct footprint *footprint = &guest->dialog.options->footprint.footprint;
	uint64_t next = NEVER;

	for (uint32_t i = 0; i < footprint->item_count; i++) {
		if (guest->due[i] <= now) {
			holding_give(&guest->connection, &footprint->items[i], &guest->account);
			guest->due[i] = NEVER;
		}
		next = MIN(next, guest->due[i]);
	}
	return next;
}

static int ring(struct guest *guest, uint64_t now)
{
	const struct protocol *protocol = guest->dialog.options->protocol;
	int answer = 0;

	if (guest->timers[DIALOG_TICK] <= now) {
		guest->ringing = guest->timers[DIALOG_TICK];
		guest->timers[DIALOG_TICK] = NEVER;
		answer = protocol->tick(&guest->dialog);
		guest->ringing = 0;
	}
	if (!answer && guest->timers[DIALOG_PATIENCE] <= now) {
		guest->timers[DIALOG_PATIENCE] = NEVER;
		guest->connection.patience = false;
		if (protocol->patience)
			answer = protocol->patience(&guest->dialog, now);
	}
	return answer;
}

static uint64_t next_moment(const struct guest *guest, uint64_t due)
{
	for (int i = 0; i < DIALOG_TIMERS; i++)
		due = MIN(due, guest->timers[i]);
	return due;
}

/* Waits for data until then. Returns its length, 0 at its end, -EAGAIN when it is time, -errno. */
static ssize_t hear(struct guest *guest, char buffer[BUFFER], uint64_t until)
{
	ssize_t length;

	if (until != NEVER && !await(guest->connection.fd, POLLIN, until))
		return -EAGAIN;
	length = recv(guest->connection.fd, buffer, BUFFER, 0);
	return length < 0 ? (errno == EINTR ? -EAGAIN : -errno) : length;
}

/* Until one side ends it. Returns DIALOG_END or -errno. */
static int converse(struct guest *guest)
{
	const struct protocol *protocol = guest->dialog.options->protocol;
	char buffer[BUFFER];
	int answer = take_items(guest, false);

	while (!answer) {
		uint64_t now = clock_now();
		uint64_t due = expire(guest, now);
		ssize_t length;

		answer = ring(guest, now);
		tell_changes(guest);
		if (answer)
			break;
		length = hear(guest, buffer, next_moment(guest, due));
		if (length == -EAGAIN)
			continue;
		if (length <= 0)
			return length ? (int)length : -ECONNRESET;
		if (!guest->connection.fed) {
			guest->connection.fed = true;
			answer = take_items(guest, true);
		}
		if (!answer)
			answer = protocol->data(&guest->dialog, buffer, (size_t)length);
	}
	return answer;
}

/* What we have said last must arrive: waits until the peer has shut its side, too. */
static void linger(struct guest *guest)
{
	uint64_t until = clock_now() + guest->dialog.options->timeout;
	char buffer[BUFFER];

	shutdown(guest->connection.fd, SHUT_WR);
	while (clock_now() < until && hear(guest, buffer, until) > 0)
		;
}

static bool ending(struct guests *guests)
{
	bool is;

	pthread_mutex_lock(&guests->lock);
	is = guests->ending;
	pthread_mutex_unlock(&guests->lock);
	return is;
}

static void leave(struct guest *guest)
{
	const struct server_options *options = guest->dialog.options;
	struct guests *guests = guest->guests;
	int fd = guest->connection.fd;

	if (options->protocol->close)
		options->protocol->close(&guest->dialog);
	dialog_close(&guest->dialog);
	holding_give_all(&guest->connection, &options->footprint.footprint, &guest->account);
	guest->account.closed++;
	pthread_mutex_lock(&guests->lock);
	table_remove(&guests->table, fd);
	table_trim(&guests->table);
	close(fd);
	guest->account.last_close = clock_now();
	tell(guest);
	pthread_mutex_unlock(&guests->lock);
	eventfd_write(guests->news, 1);
}

void guest_serve(struct guests *guests, int fd)
{
	const struct server_options *options = &guests->server->options;
	struct guest guest;

	/* All but the room for blocks that the footprint does not have. */
	memset(&guest, 0, offsetof(struct guest, room));
	memset(guest.timers, 0xff, sizeof(guest.timers));
	memset(guest.due, 0xff, sizeof(guest.due));
	memset(guest.room, 0, connection_size(options->footprint.footprint.block_count));
	guest.guests = guests;
	guest.connection.fd = fd;
	guest.dialog = (struct dialog){ .connection = &guest.connection,
					.options = options,
					.transport = &transport,
					.account = &guest.account };
	if (converse(&guest) == DIALOG_END)
		linger(&guest);
	else if (options->protocol->farewell && ending(guests))
		options->protocol->farewell(&guest.dialog);
	leave(&guest);
}
