/*
 * guests.c - connections that have a thread each. See guests.h.
 */
#include "server/guests.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "allocators/allocator.h"
#include "server/base/clock.h"
#include "server/base/units.h"

#define GRACE NS_PER_S /* for last words, when the server ends */

/* What a thread is given to begin with, in the plug-in's memory until it has read it. */
struct ticket {
	struct guests *guests;
	int fd;
};

static void *run(void *argument)
{
	struct ticket ticket = *(struct ticket *)argument;

	if (allocator.start_thread)
		allocator.start_thread();
	allocator.give(argument, sizeof(ticket));
	guest_serve(ticket.guests, ticket.fd);
	if (allocator.stop_thread)
		allocator.stop_thread();
	pthread_mutex_lock(&ticket.guests->lock);
	ticket.guests->threads--;
	pthread_cond_signal(&ticket.guests->left);
	pthread_mutex_unlock(&ticket.guests->lock);
	return NULL;
}

int guests_init(struct guests *guests, struct server *server)
{
	pthread_condattr_t clock;

	memset(guests, 0, sizeof(*guests));
	guests->server = server;
	guests->account.pid = (uint64_t)getpid();
	pthread_mutex_init(&guests->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&guests->left, &clock);
	pthread_condattr_destroy(&clock);
	table_init(&guests->table, &server->index, 0);
	guests->news = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return guests->news < 0 ? -errno : 0;
}

/* With the lock held: the thread, however fast it is, then finds everything in order. */
static int begin(struct guests *guests, int fd, const pthread_attr_t *attr)
{
	struct ticket *ticket = allocator.take(sizeof(*ticket));
	pthread_t thread;
	int error;

	if (!ticket)
		return -ENOMEM;
	*ticket = (struct ticket){ guests, fd };
	error = table_insert(&guests->table, fd) ? 0 : -ENOMEM;
	if (error)
		goto fail;
	error = -pthread_create(&thread, attr, run, ticket);
	if (error) {
		table_remove(&guests->table, fd);
		goto fail;
	}
	guests->threads++;
	guests->account.opened++;
	status_publish(guests->server->status, 0, &guests->account);
	return 0;
fail:
	allocator.give(ticket, sizeof(*ticket));
	return error;
}

int guests_admit(struct guests *guests, int fd, const pthread_attr_t *attr)
{
	int error;

	pthread_mutex_lock(&guests->lock);
	error = begin(guests, fd, attr);
	pthread_mutex_unlock(&guests->lock);
	if (error)
		close(fd);
	return error;
}

void guests_news(struct guests *guests, uint64_t *opened, uint64_t *closed)
{
	pthread_mutex_lock(&guests->lock);
	*opened = guests->account.opened - guests->opened;
	*closed = guests->account.closed - guests->closed;
	guests->opened = guests->account.opened;
	guests->closed = guests->account.closed;
	pthread_mutex_unlock(&guests->lock);
}

/* With the lock held. */
static void shut_all(struct guests *guests, int how)
{
	for (uint32_t i = 0; i < guests->table.count; i++)
		shutdown(table_at(&guests->table, i)->fd, how);
}

void guests_end(struct guests *guests)
{
	uint64_t until = clock_now() + GRACE;
	struct timespec moment = { .tv_sec = (time_t)(until / NS_PER_S),
				   .tv_nsec = (long)(until % NS_PER_S) };

	pthread_mutex_lock(&guests->lock);
	guests->ending = true;
	/* Wakes who waits for data; what they have to say, they can still. */
	shut_all(guests, SHUT_RD);
	while (guests->threads && !pthread_cond_timedwait(&guests->left, &guests->lock, &moment))
		;
	/* And who waits for a peer that does not read. */
	shut_all(guests, SHUT_RDWR);
	while (guests->threads)
		pthread_cond_wait(&guests->left, &guests->lock);
	guests->account.table_bytes = 0;
	status_publish(guests->server->status, 0, &guests->account);
	pthread_mutex_unlock(&guests->lock);
}

void guests_free(struct guests *guests)
{
	if (guests->news >= 0)
		close(guests->news);
	table_free(&guests->table);
	pthread_cond_destroy(&guests->left);
	pthread_mutex_destroy(&guests->lock);
}
