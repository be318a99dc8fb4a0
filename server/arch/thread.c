/*
 * thread.c - the architecture of a thread a connection: blocking calls, a small stack, the naive
 * way.
 *
 * The record of a connection stands on its thread's stack. What the threads share is a table of
 * descriptors and the account, under one lock, taken when a connection opens or closes and when its
 * memory changes. No thread can be asked to empty its cache, or to let its blocks be moved, while
 * it waits for its peer: only the process can release memory, which the main thread does.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "allocators/allocator.h"
#include "server/arch/arch.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"
#include "server/guests.h"

#define STACK (64u << 10)

/* Returns 0 to go on accepting, or -errno. */
static int accept_one(struct guests *guests, struct status_slot *account,
		      const pthread_attr_t *attr)
{
	struct listener *listener = &guests->server->listener;
	int fd = listener_accept(listener, 0);
	int error = 0;

	if (fd == -EMFILE || fd == -ENFILE) {
		error = listener_shed(listener);
		if (error)
			return error;
		error = fd;
	} else if (fd < 0) {
		return fd;
	} else {
		/* Before it is served, so that who sees its answer finds a server that can shed. */
		listener_regain_spare(listener);
		error = guests_admit(guests, fd, attr);
	}
	if (error && !account->shed++)
		process_say("shedding a connection: %s%s (said once; the status page "
			    "counts them)",
			    strerror(-error),
			    error == -EMFILE   ? "; raise it with ulimit -n"
			    : error == -EAGAIN ? "; see ulimit -u, kernel.threads-max and "
						 "vm.max_map_count"
					       : "");
	return 0;
}

/* Until nobody waits. Returns until when the listener rests, 0: it does not. */
static uint64_t accept_all(struct guests *guests, struct status_slot *account,
			   const pthread_attr_t *attr)
{
	int error;

	do
		error = accept_one(guests, account, attr);
	while (!error);
	return listener_lacks(error) ? clock_now() + LISTENER_REST : 0;
}

/* Milliseconds until then, rounded up. */
static int time_until(uint64_t moment)
{
	uint64_t now = clock_now();

	if (moment == RELEASE_NEVER)
		return -1;
	return moment <= now ? 0 : (int)MIN((moment - now + NS_PER_MS - 1) / NS_PER_MS, 86400000u);
}

/*
 * The main thread: accepts, releases. Its slot of the status page, the second, has what was shed
 * and released; the first one has the sum of all threads.
 */
static int receive(struct guests *guests, const pthread_attr_t *attr)
{
	struct server *server = guests->server;
	struct pollfd waits[] = { { .fd = server->signals, .events = POLLIN },
				  { .fd = guests->news, .events = POLLIN },
				  { .fd = server->listener.fd, .events = POLLIN } };
	struct status_slot account = { .pid = (uint64_t)getpid() };
	struct member member;
	uint64_t wake = 0;
	uint64_t accept_at = 0;
	bool stopping = false;

	rounds_join(&server->rounds, &member, NULL, NULL);
	while (!stopping) {
		uint64_t opened, closed;
		eventfd_t value;

		waits[2].fd = accept_at ? -1 : server->listener.fd;
		if (poll(waits, 3, time_until(accept_at ? MIN(wake, accept_at) : wake)) < 0 &&
		    errno != EINTR)
			return -errno;
		stopping = process_next_signal(server->signals) != 0;
		if (!stopping && accept_at <= clock_now())
			accept_at = accept_all(guests, &account, attr);
		eventfd_read(guests->news, &value);
		guests_news(guests, &opened, &closed);
		wake = rounds_turn(&server->rounds, &member, opened, closed, &account);
		status_publish(server->status, 1, &account);
		if (opened || closed)
			journal_note(&server->journal);
	}
	guests_end(guests);
	rounds_leave(&server->rounds, &member, &account);
	status_publish(server->status, 1, &account);
	return 0;
}

static int serve(struct server *server)
{
	size_t stack = server->options.stack ? server->options.stack : STACK;
	struct guests guests;
	pthread_attr_t attr;
	int error = guests_init(&guests, server);

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (!error)
		error = -pthread_attr_setstacksize(&attr, stack);
	if (!error && allocator.start_thread)
		error = allocator.start_thread();
	if (!error) {
		process_ready(server->options.ready_fd);
		error = receive(&guests, &attr);
		if (allocator.stop_thread)
			allocator.stop_thread();
	}
	pthread_attr_destroy(&attr);
	guests_free(&guests);
	return error;
}

const struct architecture arch_thread = {
	.name = "thread",
	.help = "a thread a connection, the naive way, on a small --stack",
	.takes = ARCH_STACK,
	.extra_slots = 1,
	.remark = "release: no thread can be asked to empty its cache while it waits for its "
		  "peer; with --arch thread only the process releases, and no block is moved",
	.serve = serve,
};
