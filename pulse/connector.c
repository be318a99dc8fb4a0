/*
 * connector.c - opens, watches and closes connections. See connector.h and slots.h.
 *
 * A connection costs four system calls until it is established: socket, connect, one epoll_ctl,
 * and a share of epoll_pwait2. It is registered once, edge-triggered, for all that can
 * happen to it: it becomes writable (established), something comes, the server closes it.
 */
#include "pulse/connector.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pulse/losses.h"
#include "pulse/slots.h"
#include "server/base/clock.h"
#include "server/base/units.h"

/*
 * Connects in flight, of all that share a pulse, and of one at the least. When a server's accept
 * queue is full, the kernel drops the SYNs of so many and sends them again after a second, and not
 * those of a whole burst.
 */
#define MOST_CONNECTING	 512
#define LEAST_CONNECTING 8

#define EVENTS 256

void connector_begin(struct connector *connector, struct pulse *pulse)
{
	*pulse = (struct pulse){
		.wanted = pulse->wanted,
		.rate = pulse->rate,
		.start = pulse->start,
		.loops = pulse->loops,
		.index = pulse->index,
	};
	connector->pulse = pulse;
	connector->next = 0;
	connector->oldest = 0;
	connector->closing = false;
	connector->closed = 0;
	conversation_begin(connector);
}

bool connector_settled(const struct connector *connector)
{
	const struct pulse *pulse = connector->pulse;

	return pulse->issued == pulse->wanted && !pulse->connecting;
}

/* Every slot of every loop has its own number, so the sources are used evenly. */
static int bind_source(const struct connector *connector, uint32_t index, int fd)
{
	const struct pulse *pulse = connector->pulse;

	return sources_bind(connector->sources, (uint64_t)index * pulse->loops + pulse->index, fd);
}

/* Edge-triggered: a socket comes up when something changes, and whenever it is set anew. */
static int watch(struct connector *connector, uint32_t index, int fd, int operation)
{
	uint32_t more = slots_protocol(connector)->hears ? EPOLLIN : 0;
	struct epoll_event event = { .events = EPOLLOUT | EPOLLRDHUP | EPOLLET | more,
				     .data.u32 = index };

	return epoll_ctl(connector->epoll, operation, fd, &event) ? -errno : 0;
}

int connector_look_again(struct connector *connector, struct slot *slot)
{
	return watch(connector, (uint32_t)(slot - connector->slots), slot->fd, EPOLL_CTL_MOD);
}

/*
 * Nothing waits for the acknowledgement of what was sent before: neither a request behind a pong
 * nor the end of a long one (tcp(7)).
 */
static int send_at_once(const struct connector *connector, int fd)
{
	int on = 1;

	if (!slots_protocol(connector)->asks)
		return 0;
	return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ? -errno : 0;
}

static int start_connecting(struct connector *connector, uint32_t index)
{
	struct slot *slot = &connector->slots[index];
	const struct address *server = connector->server;
	int fd = socket(server->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	slot->talk.issued = clock_now();
	error = bind_source(connector, index, fd);
	if (!error && connect(fd, &server->any, server->length) && errno != EINPROGRESS)
		error = -errno;
	if (!error)
		error = send_at_once(connector, fd);
	if (!error)
		error = watch(connector, index, fd, EPOLL_CTL_ADD);
	if (error) {
		close(fd);
		return error;
	}
	slot->fd = fd;
	slot->state = SLOT_CONNECTING;
	return 0;
}

/* When the next connect is due; UINT64_MAX while there is none that may be issued. */
static uint64_t next_issue(const struct connector *connector)
{
	const struct pulse *pulse = connector->pulse;
	uint64_t most = MAX(MOST_CONNECTING / pulse->loops, LEAST_CONNECTING);
	uint64_t number = pulse->issued * pulse->loops + pulse->index;

	if (pulse->issued == pulse->wanted || pulse->connecting >= most || connector->closing)
		return UINT64_MAX;
	return pulse->rate ? pulse->start + number * NS_PER_S / pulse->rate : 0;
}

static void issue(struct connector *connector, uint64_t due)
{
	struct pulse *pulse = connector->pulse;
	struct slot *slot;
	int error;

	while (connector->slots[connector->next].state != SLOT_FREE)
		connector->next++;
	slot = &connector->slots[connector->next];
	pulse->issued++;
	error = start_connecting(connector, connector->next++);
	connector->used = MAX(connector->used, connector->next);
	if (error) {
		connector_count_loss(connector, -error);
		return;
	}
	slot->talk.planned = pulse->rate ? due : slot->talk.issued;
	pulse->connecting++;
}

/* When the oldest connect runs out of time; UINT64_MAX when there is none. */
static uint64_t next_timeout(struct connector *connector)
{
	while (connector->oldest < connector->next) {
		const struct slot *slot = &connector->slots[connector->oldest];

		if (slot->state == SLOT_CONNECTING || slot->state == SLOT_GREETING)
			return slot->talk.issued + connector->conversation.speech.timeout;
		connector->oldest++;
	}
	return UINT64_MAX;
}

/* Does what is due: the next connect, and giving up those out of time. False: nothing was. */
static bool act(struct connector *connector, uint64_t now)
{
	uint64_t due = next_issue(connector);
	bool acted = due <= now;

	if (acted)
		issue(connector, due);
	while (next_timeout(connector) <= now) {
		connector_lose(connector, &connector->slots[connector->oldest], ETIMEDOUT);
		acted = true;
	}
	return conversation_act(connector, now) || acted;
}

/* What the kernel says of a connect that is over: 0 or the errno of its failure. */
static int outcome(int fd, uint32_t events)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (!(events & (EPOLLERR | EPOLLHUP)))
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length))
		return errno;
	return error ? error : ECONNRESET;
}

void connector_establish(struct connector *connector, struct slot *slot, uint64_t now)
{
	struct pulse *pulse = connector->pulse;

	slot->state = SLOT_OPEN;
	pulse->connecting--;
	pulse->open++;
	pulse->connected++;
	pulse->established = now;
	histogram_record(&pulse->corrected, now - slot->talk.planned);
	histogram_record(&pulse->raw, now - slot->talk.issued);
}

static int take_outcome(struct connector *connector, struct slot *slot, uint32_t events,
			uint64_t now)
{
	int error = outcome(slot->fd, events);

	if (error)
		return -error;
	if (!slots_protocol(connector)->greets) {
		connector_establish(connector, slot, now);
		return 0;
	}
	slot->state = SLOT_GREETING;
	return conversation_greet(connector, slot);
}

static void take_event(struct connector *connector, struct slot *slot, uint32_t events,
		       uint64_t now)
{
	int error = 0;

	if (slot->state == SLOT_CONNECTING)
		error = take_outcome(connector, slot, events, now);
	if (!error)
		error = conversation_continue(connector, slot, events, now);
	if (!error && events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		error = -ECONNRESET;
	if (error < 0)
		connector_lose(connector, slot, -error);
	else if (error)
		connector_close_slot(connector, slot);
}

static int take_events(struct connector *connector, const struct epoll_event *events, int count)
{
	uint64_t now = clock_now();
	int error = 0;

	for (int i = 0; i < count; i++) {
		struct slot *slot;

		if (events[i].data.u32 == WAKE) {
			error = -EINTR;
			continue;
		}
		slot = &connector->slots[events[i].data.u32];
		if (slot->state != SLOT_FREE)
			take_event(connector, slot, events[i].events, now);
	}
	return error;
}

int connector_turn(struct connector *connector, uint64_t until)
{
	struct epoll_event events[EVENTS];
	struct timespec patience = { 0 };
	uint64_t now = clock_now();
	int count;

	/* What was done may have settled the pulse, so the caller is asked before any waiting. */
	if (act(connector, now))
		until = now;
	until = MIN(until, MIN(next_issue(connector), next_timeout(connector)));
	until = MIN(until, conversation_next(connector));
	if (until > now) {
		patience.tv_sec = (time_t)((until - now) / NS_PER_S);
		patience.tv_nsec = (long)((until - now) % NS_PER_S);
	}
	count = epoll_pwait2(connector->epoll, events, EVENTS, &patience, NULL);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return take_events(connector, events, count);
}
