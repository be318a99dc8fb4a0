/*
 * connector.c - opens, watches and closes connections, all in one epoll loop. See connector.h.
 *
 * A connection costs four system calls until it is established: socket, connect, one epoll_ctl,
 * and a share of epoll_pwait2. It is registered once, edge-triggered, for both things that can
 * happen to it: it becomes writable (established), and the server closes it.
 */
#include "pulse/connector.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pulse/losses.h"
#include "server/base/clock.h"
#include "server/base/units.h"

/*
 * Connects in flight, of all that share a pulse, and of one at the least. When a server's accept
 * queue is full, the kernel drops the SYNs of so many and sends them again after a second, and not
 * those of a whole burst.
 */
#define MOST_CONNECTING	 512
#define LEAST_CONNECTING 8

/* Slots looked at between two turns. A close takes about 10 us where the server is told at once. */
#define CLOSE_BATCH 128

/* ns. The kernel gives up after two minutes (tcp_syn_retries). */
#define CONNECT_TIMEOUT (30 * NS_PER_S)

#define EVENTS 256
#define WAKE   UINT32_MAX /* epoll data of the descriptor that is no connection */

enum slot_state {
	SLOT_FREE, /* 0, as fresh memory is */
	SLOT_CONNECTING,
	SLOT_OPEN,
	SLOT_SURVIVOR, /* of an earlier pulse */
};

struct slot {
	int fd;
	enum slot_state state;
	uint64_t planned; /* ns */
	uint64_t issued;
};

_Static_assert(sizeof(struct slot) == 24, "what a connection costs");

struct connector {
	const struct address *server;
	const struct sources *sources;
	int epoll;
	struct pulse *pulse;
	uint32_t capacity;
	uint32_t next;	 /* a pulse takes the free slots from here on, so they are in its order */
	uint32_t oldest; /* no slot before this one is connecting */
	bool closing;	 /* the pulse */
	uint32_t closed; /* it is, up to this slot */
	uint64_t survivors;
	struct slot *slots;
};

int connector_create(struct connector **connector, const struct address *server,
		     const struct sources *sources, uint64_t capacity, int wake)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = WAKE };
	struct connector *made;
	int error;

	if (capacity >= WAKE)
		return -EOVERFLOW;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->server = server;
	made->sources = sources;
	made->capacity = (uint32_t)capacity;
	made->slots = mmap(NULL, capacity * sizeof(struct slot), PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	made->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (made->slots == MAP_FAILED || made->epoll < 0 ||
	    epoll_ctl(made->epoll, EPOLL_CTL_ADD, wake, &event)) {
		error = -errno;
		goto failed;
	}
	*connector = made;
	return 0;

failed:
	if (made->epoll >= 0)
		close(made->epoll);
	if (made->slots != MAP_FAILED)
		munmap(made->slots, capacity * sizeof(struct slot));
	free(made);
	return error;
}

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
}

bool connector_settled(const struct connector *connector)
{
	const struct pulse *pulse = connector->pulse;

	return pulse->issued == pulse->wanted && !pulse->connecting;
}

static void count_loss(struct connector *connector, int error)
{
	struct pulse *pulse = connector->pulse;

	losses_count(&pulse->losses, error);
	if (!pulse->error)
		pulse->error = error;
}

/* Also takes it out of epoll, for nobody else has this socket open. */
static void close_slot(struct slot *slot)
{
	close(slot->fd);
	slot->state = SLOT_FREE;
}

/* Every slot of every loop has its own number, so the sources are used evenly. */
static int bind_source(const struct connector *connector, uint32_t index, int fd)
{
	const struct pulse *pulse = connector->pulse;

	return sources_bind(connector->sources, (uint64_t)index * pulse->loops + pulse->index, fd);
}

static int start_connecting(struct connector *connector, uint32_t index)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.u32 = index };
	struct slot *slot = &connector->slots[index];
	const struct address *server = connector->server;
	int fd = socket(server->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0)
		return -errno;
	slot->issued = clock_now();
	error = bind_source(connector, index, fd);
	if (!error && connect(fd, &server->any, server->length) && errno != EINPROGRESS)
		error = -errno;
	if (!error && epoll_ctl(connector->epoll, EPOLL_CTL_ADD, fd, &event))
		error = -errno;
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
	if (error) {
		count_loss(connector, -error);
		return;
	}
	slot->planned = pulse->rate ? due : slot->issued;
	pulse->connecting++;
}

/* When the oldest connect runs out of time; UINT64_MAX when there is none. */
static uint64_t next_timeout(struct connector *connector)
{
	while (connector->oldest < connector->next) {
		const struct slot *slot = &connector->slots[connector->oldest];

		if (slot->state == SLOT_CONNECTING)
			return slot->issued + CONNECT_TIMEOUT;
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
		close_slot(&connector->slots[connector->oldest]);
		connector->pulse->connecting--;
		count_loss(connector, ETIMEDOUT);
		acted = true;
	}
	return acted;
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

static void take_outcome(struct connector *connector, struct slot *slot, uint32_t events,
			 uint64_t now)
{
	struct pulse *pulse = connector->pulse;
	int error = outcome(slot->fd, events);

	pulse->connecting--;
	if (error) {
		close_slot(slot);
		count_loss(connector, error);
		return;
	}
	slot->state = SLOT_OPEN;
	pulse->open++;
	pulse->connected++;
	pulse->established = now;
	histogram_record(&pulse->corrected, now - slot->planned);
	histogram_record(&pulse->raw, now - slot->issued);
}

static void take_close(struct connector *connector, struct slot *slot)
{
	if (slot->state == SLOT_SURVIVOR)
		connector->survivors--;
	else
		connector->pulse->open--;
	close_slot(slot);
	count_loss(connector, ECONNRESET);
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
		if (slot->state == SLOT_CONNECTING)
			take_outcome(connector, slot, events[i].events, now);
		if (slot->state != SLOT_FREE &&
		    events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
			take_close(connector, slot);
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
	if (until > now) {
		patience.tv_sec = (time_t)((until - now) / NS_PER_S);
		patience.tv_nsec = (long)((until - now) % NS_PER_S);
	}
	count = epoll_pwait2(connector->epoll, events, EVENTS, &patience, NULL);
	if (count < 0)
		return errno == EINTR ? 0 : -errno;
	return take_events(connector, events, count);
}

/* The closing of one slot of the pulse. */
static void close_or_keep(struct connector *connector, struct slot *slot, struct survivors *chooser)
{
	struct pulse *pulse = connector->pulse;

	if (slot->state == SLOT_CONNECTING) {
		pulse->connecting--;
		pulse->issued--;
		close_slot(slot);
	} else if (slot->state == SLOT_OPEN) {
		pulse->open--;
		if (!survivors_next(chooser)) {
			close_slot(slot);
			return;
		}
		slot->state = SLOT_SURVIVOR;
		connector->survivors++;
	}
}

bool connector_close(struct connector *connector, struct survivors *chooser, uint64_t survivors)
{
	uint32_t end = MIN(connector->closed + CLOSE_BATCH, connector->next);

	if (!connector->closing)
		survivors_begin(chooser, survivors, connector->pulse->open);
	connector->closing = true;
	while (connector->closed < end)
		close_or_keep(connector, &connector->slots[connector->closed++], chooser);
	return end < connector->next;
}

uint64_t connector_survivors(const struct connector *connector)
{
	return connector->survivors;
}

void connector_close_survivors(struct connector *connector)
{
	for (uint32_t i = 0; connector->survivors && i < connector->capacity; i++) {
		if (connector->slots[i].state != SLOT_SURVIVOR)
			continue;
		close_slot(&connector->slots[i]);
		connector->survivors--;
	}
}

void connector_destroy(struct connector *connector)
{
	if (!connector)
		return;
	for (uint32_t i = 0; i < connector->capacity; i++)
		if (connector->slots[i].state != SLOT_FREE)
			close_slot(&connector->slots[i]);
	close(connector->epoll);
	munmap(connector->slots, connector->capacity * sizeof(struct slot));
	free(connector);
}
