/*
 * loop.c - an epoll loop. See loop.h.
 */
#include "server/loop.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/param.h>
#include <unistd.h>

#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"

#define EVENTS 256
#define ACCEPT_BATCH                                                                               \
	64 /* so that a burst's accepts do not starve the reads and closes of others               \
	    */

static int watch(const struct loop *loop, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

int loop_init(struct loop *loop, struct server *server, unsigned int slot)
{
	int error;

	loop->server = server;
	loop->slot = slot;
	loop->stopping = false;
	loop->said_shed = false;
	loop->wake = 0; /* so that the policy is asked, and the slot published, at once */
	loop->journal = (struct journal){ .step = server->options.log_every };
	connections_init(&loop->connections, &server->options.footprint.footprint);
	release_init(&loop->release, &server->options.release, clock_now());
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0)
		return -errno;
	error = watch(loop, server->signals);
	return error ? error : watch(loop, server->listener.fd);
}

/* A connection that cannot be served is better told so at once than left waiting. */
static void count_shed(struct loop *loop, int error)
{
	loop->connections.account.shed++;
	if (loop->said_shed)
		return;
	loop->said_shed = true;
	process_say("shedding the newest connection: %s at %llu open ones%s (said once; the status "
		    "page counts them)",
		    strerror(-error), (unsigned long long)connections_count(&loop->connections),
		    error == -EMFILE ? "; raise it with ulimit -n" : "");
}

/* Returns 0 to go on accepting, or -errno: nobody waits any more, or there is no room. */
static int accept_one(struct loop *loop)
{
	int fd = listener_accept(&loop->server->listener);
	int error;

	if (fd == -EMFILE || fd == -ENFILE) {
		error = listener_shed(&loop->server->listener);
		if (!error)
			count_shed(loop, fd);
		return error;
	}
	if (fd < 0)
		return fd;
	error = connections_open(&loop->connections, fd);
	if (error) {
		close(fd);
		count_shed(loop, error);
		return 0;
	}
	error = watch(loop, fd);
	if (error)
		connections_close(&loop->connections, fd);
	return error;
}

static void accept_batch(struct loop *loop)
{
	for (int i = 0; i < ACCEPT_BATCH; i++)
		if (accept_one(loop))
			return;
}

static void read_one(struct loop *loop, int fd)
{
	ssize_t length = recv(fd, loop->buffer, sizeof(loop->buffer), 0);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0 || connections_feed(&loop->connections, fd) ||
	    loop->server->options.protocol->receive(fd, loop->buffer, (size_t)length))
		connections_close(&loop->connections, fd);
}

static void dispatch(struct loop *loop, int fd)
{
	if (fd == loop->server->listener.fd)
		accept_batch(loop);
	else if (fd == loop->server->signals)
		loop->stopping = process_next_signal(fd) != 0;
	else
		read_one(loop, fd);
}

/* Asked at most once a second: some allocators walk all their free lists for the answer. */
static void account_heap(struct loop *loop, uint64_t now)
{
	struct status_slot *account = &loop->connections.account;
	struct allocator_stats stats = { ALLOCATOR_ABSENT, ALLOCATOR_ABSENT };

	if (account->heap_time && now - account->heap_time < NS_PER_S)
		return;
	if (!allocator.stats || allocator.stats(&stats))
		return;
	account->heap_used = stats.used;
	account->heap_free = stats.free;
	account->heap_time = clock_now();
}

static void release_memory(struct loop *loop, const struct release_traffic *traffic)
{
	char remark[ALLOCATOR_TEXT];
	int error = release_fire(&loop->release, traffic, &loop->connections.account, remark);

	if (error)
		snprintf(remark, sizeof(remark), "%s", strerror(-error));
	if (remark[0] && !loop->release.remarked) {
		loop->release.remarked = true;
		process_say("release: %s (said once)", remark);
	}
	account_heap(loop, traffic->now);
}

static void end_iteration(struct loop *loop, const struct status_slot *before)
{
	struct status_slot *account = &loop->connections.account;
	struct release_traffic traffic = { .now = clock_now(),
					   .opened = account->opened - before->opened,
					   .closed = account->closed - before->closed };
	uint64_t due;

	loop->wake = connections_expire(&loop->connections, traffic.now);
	connections_trim(&loop->connections);
	traffic.open = connections_count(&loop->connections);
	due = release_due(&loop->release, &traffic);
	if (due <= traffic.now) {
		release_memory(loop, &traffic);
		traffic.opened = traffic.closed = 0;
		due = release_due(&loop->release, &traffic);
	}
	loop->wake = MIN(loop->wake, due);
	journal_note(&loop->journal, account);
	status_publish(loop->server->status, loop->slot, account);
}

/* Milliseconds for epoll_wait(), rounded up: to wake early would be to wake twice. */
static int time_to_wake(const struct loop *loop)
{
	uint64_t now;

	if (loop->wake == UINT64_MAX)
		return -1;
	now = clock_now();
	if (loop->wake <= now)
		return 0;
	return (int)MIN((loop->wake - now + NS_PER_MS - 1) / NS_PER_MS, (uint64_t)INT_MAX);
}

int loop_run(struct loop *loop)
{
	struct epoll_event events[EVENTS];

	while (!loop->stopping) {
		struct status_slot before = loop->connections.account;
		int count = epoll_wait(loop->epoll, events, EVENTS, time_to_wake(loop));

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count; i++)
			dispatch(loop, events[i].data.fd);
		end_iteration(loop, &before);
	}
	return 0;
}

void loop_free(struct loop *loop)
{
	if (loop->epoll >= 0)
		close(loop->epoll);
	connections_free(&loop->connections);
	status_publish(loop->server->status, loop->slot, &loop->connections.account);
}
