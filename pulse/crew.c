/*
 * crew.c - the processes and event loops that make a pulse's connections. See crew.h.
 */
#include "pulse/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pulse/crew_worker.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"

struct child {
	pid_t pid; /* 0: not started */
	bool ended;
	int status; /* as waitpid() tells it */
};

struct crew {
	struct crew_spec spec;
	struct crew_board *board;
	int bell;   /* eventfd: rung by loops that have news */
	int *wakes; /* an eventfd for each loop; -1: none */
	struct child *children;
	int signal;
	bool leaves; /* was told to */
};

static uint32_t loops_of(const struct crew *crew)
{
	return crew->spec.plan.workers * crew->spec.plan.loops;
}

/* What the worker gets by fork and has no use for: the descriptors of others. */
static void close_others(const struct crew *crew, uint32_t index)
{
	for (uint32_t i = 0; i < loops_of(crew); i++)
		if (i / crew->spec.plan.loops != index && crew->wakes[i] >= 0)
			close(crew->wakes[i]);
	close(crew->spec.signals);
	if (crew->spec.not_kept >= 0)
		close(crew->spec.not_kept);
}

/* SIGINT and SIGTERM stay blocked: those of a terminal go to the whole group. */
static void become_worker(const struct crew *crew, uint32_t index, pid_t parent)
{
	struct crew_worker worker = {
		.spec = &crew->spec,
		.board = crew->board,
		.index = index,
		.wake = &crew->wakes[index * crew->spec.plan.loops],
		.bell = crew->bell,
	};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have died before it could be of any effect. */
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	close_others(crew, index);
	_exit(crew_worker_run(&worker) ? EXIT_FAILURE : EXIT_SUCCESS);
}

static int start_worker(struct crew *crew, uint32_t index)
{
	pid_t parent = getpid();
	pid_t pid;

	for (uint32_t i = 0; i < crew->spec.plan.loops; i++) {
		int wake = eventfd(0, EFD_CLOEXEC);

		if (wake < 0)
			return -errno;
		crew->wakes[index * crew->spec.plan.loops + i] = wake;
	}
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		become_worker(crew, index, parent);
	crew->children[index].pid = pid;
	return 0;
}

static int allocate(struct crew *crew)
{
	uint32_t loops = loops_of(crew);

	crew->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (crew->bell < 0)
		return -errno;
	crew->board = crew_board_create(loops);
	crew->wakes = calloc(loops, sizeof(*crew->wakes));
	if (crew->wakes)
		memset(crew->wakes, -1, loops * sizeof(*crew->wakes));
	crew->children = calloc(crew->spec.plan.workers, sizeof(*crew->children));
	return crew->board && crew->wakes && crew->children ? 0 : -ENOMEM;
}

int crew_create(struct crew **crew, const struct crew_spec *spec)
{
	struct crew *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return -ENOMEM;
	made->spec = *spec;
	error = allocate(made);
	for (uint32_t i = 0; !error && i < spec->plan.workers; i++)
		error = start_worker(made, i);
	if (error) {
		crew_destroy(made);
		return error;
	}
	*crew = made;
	return 0;
}

void crew_order(struct crew *crew, const struct crew_order *order)
{
	if (order->task == CREW_TALK)
		crew_board_deal(crew->board, order->active);
	crew_board_give(crew->board, order);
	for (uint32_t i = 0; i < loops_of(crew); i++)
		if (crew->wakes[i] >= 0)
			eventfd_write(crew->wakes[i], 1);
}

static const struct child *child_of(const struct crew *crew, uint32_t loop)
{
	return &crew->children[loop / crew->spec.plan.loops];
}

bool crew_is_done(const struct crew *crew)
{
	for (uint32_t i = 0; i < loops_of(crew); i++)
		if (!child_of(crew, i)->ended && !crew->board->slots[i].error &&
		    !crew_board_is_done(crew->board, i))
			return false;
	return true;
}

/* Signals of the same kind run into one, so each child is asked. */
static void reap(struct crew *crew)
{
	for (uint32_t i = 0; i < crew->spec.plan.workers; i++) {
		struct child *child = &crew->children[i];

		if (child->pid && !child->ended &&
		    waitpid(child->pid, &child->status, WNOHANG) == child->pid)
			child->ended = true;
	}
}

static void kill_workers(const struct crew *crew)
{
	for (uint32_t i = 0; i < crew->spec.plan.workers; i++)
		if (crew->children[i].pid && !crew->children[i].ended)
			kill(crew->children[i].pid, SIGKILL);
}

/* Returns whether one came that is to end the pulse. */
static bool take_signals(struct crew *crew)
{
	bool came = false;
	int signal;

	while ((signal = process_next_signal(crew->spec.signals))) {
		if (signal == SIGCHLD) {
			reap(crew);
			continue;
		}
		if (crew->signal)
			kill_workers(crew);
		crew->signal = signal;
		came = true;
	}
	return came;
}

/* The first worker that died or has a loop that failed; NULL: none. */
static const struct child *failed(const struct crew *crew)
{
	for (uint32_t i = 0; i < loops_of(crew); i++)
		if (child_of(crew, i)->ended || crew->board->slots[i].error)
			return child_of(crew, i);
	return NULL;
}

int crew_wait(struct crew *crew, uint64_t until)
{
	struct pollfd fds[] = {
		{ .fd = crew->spec.signals, .events = POLLIN },
		{ .fd = crew->bell, .events = POLLIN },
	};
	uint64_t now = clock_now();
	uint64_t wait = until > now ? until - now : 0;
	struct timespec patience = {
		.tv_sec = (time_t)(wait / NS_PER_S),
		.tv_nsec = (long)(wait % NS_PER_S),
	};
	eventfd_t count;

	if (ppoll(fds, 2, &patience, NULL) < 0)
		return 0;
	eventfd_read(crew->bell, &count);
	if (take_signals(crew))
		return -EINTR;
	return failed(crew) ? -ECHILD : 0;
}

int crew_signal(const struct crew *crew)
{
	return crew->signal;
}

const char *crew_describe_failure(const struct crew *crew, char text[CREW_TEXT])
{
	const struct child *child = failed(crew);
	uint32_t index = child ? (uint32_t)(child - crew->children) : 0;
	int length;

	if (!child)
		return "no worker failed";
	length = snprintf(text, CREW_TEXT, "worker %u of %u (pid %d) ", index + 1,
			  crew->spec.plan.workers, (int)child->pid);
	for (uint32_t i = 0; i < crew->spec.plan.loops; i++) {
		int error = crew->board->slots[index * crew->spec.plan.loops + i].error;

		if (!error)
			continue;
		snprintf(text + length, CREW_TEXT - (size_t)length, "failed: %s", strerror(error));
		return text;
	}
	if (WIFSIGNALED(child->status))
		snprintf(text + length, CREW_TEXT - (size_t)length, "was killed by SIG%s",
			 sigabbrev_np(WTERMSIG(child->status)));
	else
		snprintf(text + length, CREW_TEXT - (size_t)length, "ended with status %d",
			 WEXITSTATUS(child->status));
	return text;
}

void crew_count(const struct crew *crew, struct pulse *total, uint64_t *survivors)
{
	crew_board_count(crew->board, total, survivors);
}

void crew_sum(const struct crew *crew, struct pulse *total, uint64_t *survivors)
{
	crew_board_sum(crew->board, total, survivors);
	total->issued -= total->connecting;
	total->connecting = 0;
	for (uint32_t i = 0; i < loops_of(crew); i++) {
		const struct crew_slot *slot = &crew->board->slots[i];
		uint64_t lost = slot->pulse.open + slot->survivors;

		if (!child_of(crew, i)->ended || !lost)
			continue;
		total->losses.lost_other += lost;
		total->error = total->error ? total->error : EOWNERDEAD;
		total->open -= slot->pulse.open;
		*survivors -= slot->survivors;
	}
}

static bool all_ended(const struct crew *crew)
{
	for (uint32_t i = 0; i < crew->spec.plan.workers; i++)
		if (crew->children[i].pid && !crew->children[i].ended)
			return false;
	return true;
}

static void send_away(struct crew *crew)
{
	struct crew_order order = { .task = CREW_LEAVE };

	crew_order(crew, &order);
	while (reap(crew), !all_ended(crew))
		crew_wait(crew, UINT64_MAX);
}

void crew_destroy(struct crew *crew)
{
	if (!crew)
		return;
	if (crew->board && crew->children && crew->wakes)
		send_away(crew);
	for (uint32_t i = 0; crew->wakes && i < loops_of(crew); i++)
		if (crew->wakes[i] >= 0)
			close(crew->wakes[i]);
	if (crew->bell >= 0)
		close(crew->bell);
	if (crew->board)
		crew_board_destroy(crew->board);
	free(crew->wakes);
	free(crew->children);
	free(crew);
}
