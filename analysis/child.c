/*
 * child.c - the programs that an experiment starts. See child.h.
 */
#include "analysis/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analysis/keeper.h"
#include "server/base/units.h"

#define READY_FD 3
#define WRITE	 (O_WRONLY | O_CREAT | O_APPEND)

void child_enter_cgroup(const char *procs)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0", 1) != 1) {
		dprintf(STDERR_FILENO, "cannot enter %s: %s\n", procs, strerror(errno));
		_exit(126);
	}
	close(fd);
}

static void redirect(const char *path, int flags, int target)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0 || dup2(fd, target) < 0) {
		dprintf(STDERR_FILENO, "%s: %s\n", path, strerror(errno));
		_exit(126);
	}
}

/* Before what the user preloads into everything. In the child, which has one thread. */
static void set_preload(const char *library)
{
	const char *others = getenv("LD_PRELOAD");
	char *all;

	if (asprintf(&all, "%s%s%s", library, others && *others ? ":" : "", others ? others : "") <
		    0 ||
	    setenv("LD_PRELOAD", all, 1))
		_exit(126);
}

/* In the child, between fork and exec. */
static void become(const char *const argv[], const struct child_files *files, int ready,
		   pid_t parent)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(126); /* it died before prctl() */
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* The log first: what fails from here on is told there. */
	redirect(files->log, WRITE, STDERR_FILENO);
	redirect(files->out ? files->out : files->log, WRITE, STDOUT_FILENO);
	redirect("/dev/null", O_RDONLY, STDIN_FILENO);
	if (files->kept)
		_exit(keeper_run(argv, files->cgroup));
	if (files->cgroup)
		child_enter_cgroup(files->cgroup);
	if (files->preload)
		set_preload(files->preload);
	/* dup2() onto itself would leave FD_CLOEXEC set. */
	if (ready == READY_FD)
		fcntl(READY_FD, F_SETFD, 0);
	else
		dup2(ready, READY_FD);
	execv(argv[0], (char *const *)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int child_start(struct child *child, const char *const argv[], const struct child_files *files)
{
	pid_t parent = getpid();
	int ready[2];

	*child = (struct child){ .pidfd = -1, .ready = -1 };
	if (pipe2(ready, O_CLOEXEC))
		return -errno;
	child->pid = fork();
	if (child->pid == 0)
		become(argv, files, ready[1], parent);
	close(ready[1]);
	child->ready = ready[0];
	if (child->pid < 0) {
		int error = -errno;

		child->pid = 0;
		close(ready[0]);
		return error;
	}
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	return child->pidfd < 0 ? -errno : 0;
}

static int wait_readable(int fd, uint64_t timeout)
{
	struct pollfd wanted = { .fd = fd, .events = POLLIN };
	int count = poll(&wanted, 1, (int)(timeout / NS_PER_MS));

	if (count < 0)
		return -errno;
	return count ? 0 : -ETIMEDOUT;
}

int child_wait_ready(struct child *child, uint64_t timeout)
{
	int error;
	char byte;

	do
		error = wait_readable(child->ready, timeout);
	while (error == -EINTR);
	if (!error && read(child->ready, &byte, 1) != 1) {
		error = -ECHILD;
		/* The pipe is closed a moment before the process is gone. */
		wait_readable(child->pidfd, timeout);
		child_ended(child);
	}
	close(child->ready);
	child->ready = -1;
	return error;
}

static void forget(struct child *child)
{
	if (child->pidfd >= 0)
		close(child->pidfd);
	if (child->ready >= 0)
		close(child->ready);
	child->pid = 0;
	child->pidfd = child->ready = -1;
}

bool child_ended(struct child *child)
{
	if (child->pid && waitpid(child->pid, &child->status, WNOHANG) == child->pid)
		forget(child);
	return !child->pid;
}

int child_wait_end(struct child *child, uint64_t timeout)
{
	int error = 0;

	while (!error && !child_ended(child)) {
		error = wait_readable(child->pidfd, timeout);
		if (error == -EINTR)
			error = 0;
	}
	return error;
}

void child_stop(struct child *child, uint64_t timeout)
{
	if (child_ended(child))
		return;
	kill(child->pid, SIGTERM);
	if (wait_readable(child->pidfd, timeout))
		kill(child->pid, SIGKILL);
	while (waitpid(child->pid, &child->status, 0) < 0 && errno == EINTR)
		;
	forget(child);
}

int child_programs(char folder[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);

	if (length < 0)
		return -errno;
	folder[length] = '\0';
	*strrchr(folder, '/') = '\0';
	return 0;
}

void child_quote(const char *log, char *text, size_t room)
{
	char line[256];
	FILE *file = fopen(log, "re");

	text[0] = '\0';
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0])
			snprintf(text, room, ": %s", line);
	}
	if (file)
		fclose(file);
}

const char *child_describe(const struct child *child, char *text, size_t room)
{
	if (WIFSIGNALED(child->status))
		snprintf(text, room, "killed by signal %d (%s)", WTERMSIG(child->status),
			 strsignal(WTERMSIG(child->status)));
	else
		snprintf(text, room, "exit status %d", WEXITSTATUS(child->status));
	return text;
}

int child_exit_code(const struct child *child)
{
	return WIFSIGNALED(child->status) ? 128 + WTERMSIG(child->status)
					  : WEXITSTATUS(child->status);
}
