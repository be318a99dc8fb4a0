/*
 * process.c - messages, limits, signals and readiness. See process.h.
 */
#include "server/base/process.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

void process_say(const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	fprintf(stderr, "%s: %s\n", program_invocation_short_name, line);
}

int64_t process_raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	return limit.rlim_cur > INT32_MAX ? INT32_MAX : (int64_t)limit.rlim_cur;
}

int process_signals(const int *more)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	for (; more && *more; more++)
		sigaddset(&set, *more);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int process_next_signal(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

void process_ready(int fd)
{
	if (fd < 0)
		return;
	/* A parent that no longer listens is its own business. */
	if (write(fd, "\n", 1) != 1 && errno != EPIPE)
		process_say("--ready-fd %d: %s", fd, strerror(errno));
	close(fd);
}

int process_read_number(const char *path, uint64_t *number)
{
	FILE *file = fopen(path, "re");
	unsigned long long value;
	int count;

	if (!file)
		return -errno;
	count = fscanf(file, "%llu", &value);
	fclose(file);
	if (count != 1)
		return -EINVAL;
	*number = value;
	return 0;
}
