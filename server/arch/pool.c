/*
 * pool.c - the architecture of one thread that waits for all sockets, and workers that serve them.
 *
 * The I/O thread accepts, deals new connections out in turn, and from then on hands each event to
 * the worker that owns the connection, over a bounded queue. Events are edge-triggered: handing
 * over costs no epoll_ctl(), and a worker reads until a short read says that there is no more
 * (epoll(7), "do I need to continuously read/write").
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "server/arch/arch.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"
#include "server/crew.h"
#include "server/shard.h"

#define EVENTS	   256
#define QUEUE	   4096
#define READS_MOST 16 /* of one connection, before it is the others' turn */

/* In a queue: a descriptor, one that was just accepted, one whose peer has shut its side. */
#define ENTRY_NEW   INT32_MIN
#define ENTRY_ENDED (1 << 30)
#define NOT_WORKER  UINT32_MAX

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_cond_t emptied;
	bool nudged; /* the worker is wanted at the end of an iteration */
	bool closed;
	unsigned int count;
	int32_t entries[QUEUE];
};

struct pool {
	struct server *server;
	int epoll;
	uint64_t accept_at;   /* ns: the listener rests until then; UINT64_MAX: it does not */
	struct queue *queues; /* one for each worker */
};

struct pool_worker {
	struct pool *pool;
	struct queue *queue;
	unsigned int number;
	struct shard shard;
};

static void queue_init(struct queue *queue)
{
	pthread_condattr_t clock;

	pthread_mutex_init(&queue->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->filled, &clock);
	pthread_cond_init(&queue->emptied, &clock);
	pthread_condattr_destroy(&clock);
}

/* Waits for room if asked to. Returns whether the entry was taken. */
static bool queue_put(struct queue *queue, int32_t entry, bool wait)
{
	bool taken;

	pthread_mutex_lock(&queue->lock);
	while (wait && queue->count == QUEUE && !queue->closed)
		pthread_cond_wait(&queue->emptied, &queue->lock);
	taken = queue->count < QUEUE && !queue->closed;
	if (taken) {
		queue->entries[queue->count++] = entry;
		if (queue->count == 1)
			pthread_cond_signal(&queue->filled);
	}
	pthread_mutex_unlock(&queue->lock);
	return taken;
}

static void queue_nudge(void *argument)
{
	struct queue *queue = argument;

	pthread_mutex_lock(&queue->lock);
	queue->nudged = true;
	pthread_cond_signal(&queue->filled);
	pthread_mutex_unlock(&queue->lock);
}

static void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_signal(&queue->filled);
	pthread_cond_signal(&queue->emptied);
	pthread_mutex_unlock(&queue->lock);
}

/* All entries, waiting for one until that moment. Returns how many, or -1: closed. */
static int queue_take(struct queue *queue, int32_t entries[QUEUE], uint64_t until)
{
	struct timespec moment = { .tv_sec = (time_t)(until / NS_PER_S),
				   .tv_nsec = (long)(until % NS_PER_S) };
	int late = 0;
	int count;

	pthread_mutex_lock(&queue->lock);
	while (!queue->count && !queue->nudged && !queue->closed && !late) {
		if (until == UINT64_MAX)
			pthread_cond_wait(&queue->filled, &queue->lock);
		else
			late = pthread_cond_timedwait(&queue->filled, &queue->lock, &moment);
	}
	queue->nudged = false;
	count = (int)queue->count;
	memcpy(entries, queue->entries, queue->count * sizeof(*entries));
	if (queue->count == QUEUE)
		pthread_cond_signal(&queue->emptied);
	queue->count = 0;
	if (!count && queue->closed)
		count = -1;
	pthread_mutex_unlock(&queue->lock);
	return count;
}

/* Both edges are watched all the time. */
static void waits(struct dialog *dialog)
{
	(void)dialog;
}

static const struct transport transport = {
	.send = shard_send,
	.waits = waits,
	.remind = shard_remind,
};

static void serve_new(struct pool_worker *worker, int fd)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.u64 = (uint64_t)worker->number << 32 | (uint32_t)fd,
	};

	/* What the I/O thread sees there at once comes into our queue, behind this. */
	if (epoll_ctl(worker->pool->epoll, EPOLL_CTL_ADD, fd, &event)) {
		int error = -errno;

		close(fd);
		shard_count_shed(&worker->shard, error);
	} else {
		shard_open(&worker->shard, fd);
	}
}

/*
 * ended: the peer has shut its side, so the end of data must be read, too; its edge has been, and a
 * short read would not tell. An entry may also be another connection's, which had the descriptor
 * before: then nothing waits, no end either, and this one's edges are to come.
 */
static void serve_ready(struct pool_worker *worker, int fd, bool ended)
{
	struct shard *shard = &worker->shard;
	/* An event of a connection that is closed by now finds none, or another's: no harm. */
	struct connection *connection = shard_find(shard, fd);

	if (!connection)
		return;
	if (connection->state && connection->state->out && !shard_write(shard, connection))
		return;
	for (int reads = 1;; reads++) {
		ssize_t length = shard_read(shard, connection);

		if (length <= 0 || (!ended && length < SHARD_BUFFER))
			return;
		if (connection->state && connection->state->out)
			return; /* the next edge is that it can be written */
		if (reads >= READS_MOST &&
		    queue_put(worker->queue, ended ? fd | ENTRY_ENDED : fd, false))
			return;
	}
}

static void serve(struct pool_worker *worker, int32_t entry)
{
	if (entry < 0)
		serve_new(worker, entry - ENTRY_NEW);
	else
		serve_ready(worker, entry & ~ENTRY_ENDED, entry & ENTRY_ENDED);
}

static int work_off(struct pool *pool, unsigned int number)
{
	struct pool_worker worker = { .pool = pool,
				      .queue = &pool->queues[number],
				      .number = number };
	int32_t entries[QUEUE];
	int count;

	shard_init(&worker.shard, pool->server, number, &transport, queue_nudge, worker.queue);
	while ((count = queue_take(worker.queue, entries, worker.shard.wake)) >= 0) {
		for (int i = 0; i < count; i++)
			serve(&worker, entries[i]);
		shard_end_iteration(&worker.shard);
	}
	shard_farewell(&worker.shard);
	shard_free(&worker.shard);
	return 0;
}

/* Returns 0 or -errno. */
static int accept_one(struct pool *pool, unsigned int worker, struct status_slot *account)
{
	struct listener *listener = &pool->server->listener;
	int fd = listener_accept(listener, SOCK_NONBLOCK);
	int error;

	if (fd == -EMFILE || fd == -ENFILE) {
		error = listener_shed(listener);
		if (!error && !account->shed++)
			process_say("shedding a connection: %s%s (said once; the status "
				    "page counts them)",
				    strerror(-fd),
				    fd == -EMFILE ? "; raise it with ulimit -n" : "");
		return error;
	}
	if (fd < 0)
		return fd;
	/* Before it is served, so that who sees its answer finds a server that can shed. */
	listener_regain_spare(listener);
	if (!queue_put(&pool->queues[worker], fd + ENTRY_NEW, true))
		close(fd);
	return 0;
}

static int watch(const struct pool *pool, int fd)
{
	struct epoll_event event = { .events = EPOLLIN,
				     .data.u64 = (uint64_t)NOT_WORKER << 32 | (uint32_t)fd };

	return epoll_ctl(pool->epoll, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static void accept_next(struct pool *pool, struct status_slot *account)
{
	struct server *server = pool->server;
	unsigned int worker = (unsigned int)(account->opened++ % server->options.workers);
	int error = accept_one(pool, worker, account);

	if (!error)
		status_publish(
			server->status, (unsigned int)server->options.workers,
			&(struct status_slot){ .shed = account->shed, .pid = (uint64_t)getpid() });
	if (!listener_lacks(error))
		return;
	epoll_ctl(pool->epoll, EPOLL_CTL_DEL, server->listener.fd, NULL);
	pool->accept_at = clock_now() + LISTENER_REST;
}

/* After a rest. Returns for how many ms there is nothing to do, -1: for ever. */
static int accept_again(struct pool *pool)
{
	struct listener *listener = &pool->server->listener;
	uint64_t now;

	if (pool->accept_at == UINT64_MAX)
		return -1;
	now = clock_now();
	if (pool->accept_at <= now) {
		if (!watch(pool, listener->fd)) {
			pool->accept_at = UINT64_MAX;
			return -1;
		}
		pool->accept_at = now + LISTENER_REST;
	}
	return (int)((pool->accept_at - now + NS_PER_MS - 1) / NS_PER_MS);
}

/* Returns whether to go on. */
static bool dispatch(struct pool *pool, const struct epoll_event *event,
		     struct status_slot *account)
{
	struct server *server = pool->server;
	uint32_t worker = (uint32_t)(event->data.u64 >> 32);
	int fd = (int)(uint32_t)event->data.u64;
	bool ended = event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);

	if (worker != NOT_WORKER) {
		queue_put(&pool->queues[worker], ended ? fd | ENTRY_ENDED : fd, true);
		return true;
	}
	if (fd == server->stop)
		return false;
	if (fd == server->signals)
		return process_next_signal(fd) == 0;
	/* One at a time keeps the others from waiting; the event comes again. */
	accept_next(pool, account);
	return true;
}

/* The I/O thread has a slot of the status page behind those of the workers, for what it shed. */
static int deal_out(struct pool *pool)
{
	struct status_slot account = { 0 };
	struct epoll_event events[EVENTS];
	bool go_on = true;

	while (go_on) {
		int count = epoll_wait(pool->epoll, events, EVENTS, accept_again(pool));

		if (count < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < count && go_on; i++)
			go_on = dispatch(pool, &events[i], &account);
	}
	return 0;
}

static int work(struct server *server, unsigned int number, void *argument)
{
	struct pool *pool = argument;
	int error;

	server_up(server);
	if (number)
		return work_off(pool, number - 1);
	error = deal_out(pool);
	for (unsigned int i = 0; i < server->options.workers; i++)
		queue_close(&pool->queues[i]);
	return error;
}

static int serve_all(struct server *server)
{
	unsigned int workers = (unsigned int)server->options.workers;
	size_t bytes = workers * sizeof(struct queue);
	struct pool pool = { .server = server,
			     .epoll = epoll_create1(EPOLL_CLOEXEC),
			     .accept_at = UINT64_MAX };
	int error = pool.epoll < 0 ? -errno : 0;

	pool.queues = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!error && pool.queues == MAP_FAILED)
		error = -ENOMEM;
	for (unsigned int i = 0; i < workers && !error; i++)
		queue_init(&pool.queues[i]);
	if (!error)
		error = watch(&pool, server->listener.fd);
	if (!error)
		error = watch(&pool, server->signals);
	if (!error)
		error = watch(&pool, server->stop);
	if (!error)
		error = crew_run(server, workers + 1, work, &pool);
	if (pool.queues != MAP_FAILED)
		munmap(pool.queues, bytes);
	if (pool.epoll >= 0)
		close(pool.epoll);
	return error;
}

const struct architecture arch_pool = {
	.name = "pool",
	.help = "an I/O thread that hands ready connections to --workers threads",
	.takes = ARCH_WORKERS,
	.extra_slots = 1,
	.serve = serve_all,
};
