/*
 * prefork.c - the architecture of an epoll loop a process.
 *
 * The parent only supervises: it holds the listeners, so that what waits in the queue of a worker
 * that dies is served by its replacement, and it has no connection itself. A worker that dies is
 * replaced at once, or after a second when it had hardly begun.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "allocators/allocator.h"
#include "server/arch/arch.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"
#include "server/crew.h"
#include "server/listeners.h"
#include "server/loop.h"

#define HARDLY_BEGUN NS_PER_S
#define GRACE	     (10 * NS_PER_S) /* for workers to end, before they are killed */
#define NEVER	     UINT64_MAX

struct worker {
	pid_t pid; /* 0: none runs */
	uint64_t begun;
	uint64_t due; /* ns: is begun then; NEVER: it runs */
};

struct supervisor {
	struct server *server;
	struct listeners listeners;
	struct worker *workers;
	unsigned int running;
	int signals;
	bool stopping;
	uint64_t patience;   /* ns: workers that have not ended by then are killed; NEVER: were */
	uint64_t said;	     /* ns, when a death was reported last */
	unsigned int unsaid; /* deaths since then */
};

struct post {
	struct listener *listener;
	unsigned int slot;
};

static int work(struct server *server, unsigned int number, void *argument)
{
	const struct post *post = argument;

	(void)number;
	return loop_run(server, post->listener, post->slot);
}

/* The life of a worker. Returns its exit status. */
static int live(struct supervisor *supervisor, unsigned int number, pid_t parent)
{
	struct server *server = supervisor->server;
	struct post post = { listeners_of(&supervisor->listeners, number), number };
	int error;

	/* A parent that is killed takes its workers along. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return 1;
	close(supervisor->signals);
	if (server->options.ready_fd >= 0)
		close(server->options.ready_fd);
	server->options.ready_fd = -1; /* the parent says it */
	for (unsigned int i = 0; i < server->options.workers; i++)
		if (listeners_of(&supervisor->listeners, i) != post.listener)
			listener_close(listeners_of(&supervisor->listeners, i));
	listener_own_spare(post.listener);
	server_end(server);
	error = server_begin(server);
	if (!error && allocator.start_process)
		error = allocator.start_process();
	if (!error)
		error = crew_run(server, 1, work, &post);
	if (error)
		process_say("worker %u: %s", number, strerror(-error));
	return error ? 1 : 0;
}

/* Its place stays empty for a while: who has left what waits to it is to look again. */
static void leave_empty(const struct supervisor *supervisor, unsigned int number)
{
	struct server *server = supervisor->server;
	struct status_slot account;

	status_repair(server->status, number, &account);
	account.pid = 0;
	status_publish(server->status, number, &account);
	if (server->listener.bell >= 0)
		eventfd_write(server->listener.bell, 1);
}

static void begin(struct supervisor *supervisor, unsigned int number, uint64_t now)
{
	struct worker *worker = &supervisor->workers[number];
	pid_t parent = getpid();
	pid_t pid = fork();

	if (!pid)
		_exit(live(supervisor, number, parent));
	worker->begun = now;
	if (pid < 0) {
		process_say("worker %u: cannot fork: %s; tries again", number, strerror(errno));
		worker->due = now + HARDLY_BEGUN;
		leave_empty(supervisor, number);
		return;
	}
	worker->pid = pid;
	worker->due = NEVER;
	supervisor->running++;
}

/* At most a line a second, however fast they die. */
static void say_death(struct supervisor *supervisor, unsigned int number, int status, uint64_t now)
{
	const struct worker *worker = &supervisor->workers[number];
	char more[64] = "";

	supervisor->unsaid++;
	if (supervisor->said && now - supervisor->said < NS_PER_S)
		return;
	if (supervisor->unsaid > 1)
		snprintf(more, sizeof(more), " (%u deaths since the last line)",
			 supervisor->unsaid);
	process_say("worker %u (pid %d) %s %d; it is replaced%s", number, (int)worker->pid,
		    WIFSIGNALED(status) ? "was killed by signal" : "ended with status",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), more);
	supervisor->said = now;
	supervisor->unsaid = 0;
}

/* The kernel has closed its connections and freed its memory: so says its slot, too. */
static void bury(struct supervisor *supervisor, unsigned int number, int status, uint64_t now)
{
	struct status_page *page = supervisor->server->status;
	struct worker *worker = &supervisor->workers[number];
	struct status_slot account;

	supervisor->running--;
	if (!supervisor->stopping)
		say_death(supervisor, number, status, now);
	worker->pid = 0;
	status_repair(page, number, &account);
	if (account.closed != account.opened)
		account.last_close = now;
	account.closed = account.opened;
	account.full = 0;
	account.live_bytes = account.live_blocks = 0;
	account.state_bytes = account.table_bytes = 0;
	account.heap_used = account.heap_free = account.heap_time = 0;
	account.replaced += !supervisor->stopping;
	status_publish(page, number, &account);
	worker->due = now - worker->begun < HARDLY_BEGUN ? now + HARDLY_BEGUN : now;
}

static void reap(struct supervisor *supervisor)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned int i = 0; i < supervisor->server->options.workers; i++)
			if (supervisor->workers[i].pid == pid)
				bury(supervisor, i, status, clock_now());
}

static int milliseconds(uint64_t duration)
{
	return (int)((duration + NS_PER_MS - 1) / NS_PER_MS);
}

static void signal_all(const struct supervisor *supervisor, int signal)
{
	for (unsigned int i = 0; i < supervisor->server->options.workers; i++)
		if (supervisor->workers[i].pid)
			kill(supervisor->workers[i].pid, signal);
}

static void stop(struct supervisor *supervisor)
{
	if (!supervisor->stopping)
		supervisor->patience = clock_now() + GRACE;
	supervisor->stopping = true;
	signal_all(supervisor, SIGTERM);
}

/* One that is stopped, or hangs, does not hear SIGTERM. Returns as begin_due(). */
static int kill_due(struct supervisor *supervisor, uint64_t now)
{
	if (supervisor->patience == NEVER)
		return -1;
	if (supervisor->patience > now)
		return milliseconds(supervisor->patience - now);
	process_say("killing %u worker(s) that have not ended within %llu s of SIGTERM",
		    supervisor->running, (unsigned long long)(GRACE / NS_PER_S));
	signal_all(supervisor, SIGKILL);
	supervisor->patience = NEVER;
	return -1;
}

/* Begins the workers that are due. Returns for how many ms there is nothing to do, -1: for ever. */
static int begin_due(struct supervisor *supervisor)
{
	uint64_t now = clock_now();
	uint64_t next = NEVER;

	if (supervisor->stopping)
		return kill_due(supervisor, now);
	for (unsigned int i = 0; i < supervisor->server->options.workers; i++) {
		if (supervisor->workers[i].due <= now)
			begin(supervisor, i, now);
		next = MIN(next, supervisor->workers[i].due);
	}
	return next == NEVER ? -1 : milliseconds(next - now);
}

static void supervise(struct supervisor *supervisor)
{
	struct pollfd wait = { .fd = supervisor->signals, .events = POLLIN };
	int *ready = &supervisor->server->options.ready_fd;

	do {
		int pause = begin_due(supervisor);
		int signal;

		/*
		 * Once. All listeners listen, and the workers have been begun: who connects before
		 * they accept waits for them in the queue of a listener, which outlives them.
		 */
		process_ready(*ready);
		*ready = -1;
		poll(&wait, 1, pause);
		while ((signal = process_next_signal(supervisor->signals)))
			if (signal != SIGCHLD)
				stop(supervisor);
		reap(supervisor);
	} while (!supervisor->stopping || supervisor->running);
}

static int serve(struct server *server)
{
	static const int children[] = { SIGCHLD, 0 };
	struct supervisor supervisor = { .server = server };
	size_t bytes = server->options.workers * sizeof(*supervisor.workers);
	int error = listeners_open(&supervisor.listeners, server);

	supervisor.workers = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);
	supervisor.signals = process_signals(children);
	if (!error && supervisor.workers == MAP_FAILED)
		error = -ENOMEM;
	if (!error && supervisor.signals < 0)
		error = supervisor.signals;
	if (!error)
		supervise(&supervisor);
	if (supervisor.signals >= 0)
		close(supervisor.signals);
	if (supervisor.workers != MAP_FAILED)
		munmap(supervisor.workers, bytes);
	listeners_close(&supervisor.listeners);
	return error;
}

const struct architecture arch_prefork = {
	.name = "prefork",
	.help = "an epoll loop in each of --workers processes",
	.takes = ARCH_WORKERS | ARCH_SHARE,
	.processes = true,
	.serve = serve,
};
