/*
 * keeper.c - keeps a program that is not ours. See keeper.h.
 */
#include "analysis/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/child.h"
#include "analysis/descendants.h"
#include "server/base/process.h"
#include "server/base/units.h"

#define GRACE	  (5 * NS_PER_S) /* from SIGTERM to SIGKILL */
#define TICK	  (20 * NS_PER_MS)
#define PROCESSES 1024

struct keeper {
	pid_t program;
	int signals;
	bool ended; /* the program */
	int status; /* then: as of waitpid() */
	bool empty; /* no child is left */
};

static void become_program(const char *const argv[], const char *cgroup, pid_t keeper)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper)
		_exit(126);
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (cgroup)
		child_enter_cgroup(cgroup);
	execvp(argv[0], (char *const *)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Takes leave of all children that have ended. */
static void reap(struct keeper *keeper)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != keeper->program)
			continue;
		keeper->ended = true;
		keeper->status = status;
	}
	keeper->empty = pid < 0;
}

/* Waits until the program has ended or the keeper is told to end it. Returns whether it was. */
static bool wait_for_end(struct keeper *keeper)
{
	struct pollfd wanted = { .fd = keeper->signals, .events = POLLIN };

	while (!keeper->ended) {
		int number;

		poll(&wanted, 1, -1);
		while ((number = process_next_signal(keeper->signals)))
			if (number != SIGCHLD)
				return true;
		reap(keeper);
	}
	return false;
}

static void signal_all(int number)
{
	pid_t pids[PROCESSES];
	int count = descendants_of(getpid(), pids, PROCESSES);

	for (int i = 0; i < count; i++)
		kill(pids[i], number);
}

static void end_all(struct keeper *keeper)
{
	struct pollfd wanted = { .fd = keeper->signals, .events = POLLIN };

	signal_all(SIGTERM);
	reap(keeper);
	for (uint64_t waited = 0; !keeper->empty; waited += TICK) {
		/* Again and again: what is killed may have forked meanwhile. */
		if (waited >= GRACE)
			signal_all(SIGKILL);
		poll(&wanted, 1, (int)(TICK / NS_PER_MS));
		while (process_next_signal(keeper->signals))
			;
		reap(keeper);
	}
}

int keeper_run(const char *const argv[], const char *cgroup)
{
	struct keeper keeper = { 0 };
	pid_t self = getpid();
	bool told;

	/* Whatever tidemark has open is no business of the program, nor kept open by the keeper. */
	close_range(STDERR_FILENO + 1, ~0u, 0);
	/* Ours raise it themselves; a server of 10,000 connections in a shell with 1,024 would not.
	 */
	process_raise_fd_limit();
	keeper.signals = process_signals((const int[]){ SIGCHLD, SIGHUP, 0 });
	if (keeper.signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1))
		return 126;
	keeper.program = fork();
	if (keeper.program == 0)
		become_program(argv, cgroup, self);
	if (keeper.program < 0)
		return 126;
	told = wait_for_end(&keeper);
	end_all(&keeper);
	if (told)
		return 0;
	if (WIFSIGNALED(keeper.status)) {
		prctl(PR_SET_DUMPABLE, 0); /* the program has left its core already */
		signal(WTERMSIG(keeper.status), SIG_DFL);
		raise(WTERMSIG(keeper.status));
	}
	return WEXITSTATUS(keeper.status);
}
