/*
 * crowd.c - preloaded into a server: what the whole system shares seems to have run out, for as
 * long as there is a file $CROWD. "full": of files (fs.file-max), what this process gives back is
 * all that there is to take, if it was this process that opened it: what a fork left is the
 * parent's file, too. "taken": others take that, too. "watched": epoll has no room for one more
 * descriptor (fs.epoll.max_user_watches). Each accept4() adds a byte to $CROWD.calls.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	FULL = 'f',
	TAKEN = 't',
	WATCHED = 'w',
};

#define MOST 65536 /* descriptors */

static atomic_int given_back;	   /* files that are free */
static _Atomic pid_t opened[MOST]; /* by this process; 0: not here */

/*
 * By system calls: what is below is not to be asked. All of them, or the thread sanitizer, which
 * sees only some, takes a descriptor for one that another thread has.
 */
static int open_really(const char *path, int flags)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
}

/* What kind of crowd there is, 0: none. */
static char crowd(void)
{
	int fd = open_really(getenv("CROWD"), O_RDONLY | O_CLOEXEC);
	char kind;

	if (fd < 0)
		return 0;
	if (syscall(SYS_read, fd, &kind, 1) != 1)
		abort();
	syscall(SYS_close, fd);
	return kind;
}

/* Returns 1: it took one of those given back, 0: there are plenty, or -1: there is none. */
static int take_file(void)
{
	int before = atomic_load(&given_back);
	char kind = crowd();

	if (kind != FULL && kind != TAKEN)
		return 0;
	while (kind == FULL && before > 0)
		if (atomic_compare_exchange_weak(&given_back, &before, before - 1))
			return 1;
	errno = ENFILE;
	return -1;
}

/* Returns fd. */
static int own(int fd)
{
	if (fd >= 0 && fd < MOST)
		atomic_store(&opened[fd], getpid());
	return fd;
}

static void count_call(void)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s.calls", getenv("CROWD"));
	fd = open_really(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_write, fd, ".", 1) != 1)
		abort();
	syscall(SYS_close, fd);
}

int accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	int (*next)(int, struct sockaddr *, socklen_t *, int) = dlsym(RTLD_NEXT, "accept4");
	int taken, accepted;

	count_call();
	taken = take_file();
	if (taken < 0)
		return -1;
	accepted = next(fd, address, length, flags);
	if (accepted < 0)
		atomic_fetch_add(&given_back, taken);
	return own(accepted);
}

int open(const char *path, int flags, ...)
{
	if (!strcmp(path, "/dev/null") && take_file() < 0)
		return -1;
	return own(open_really(path, flags));
}

int close(int fd)
{
	pid_t owner = fd >= 0 && fd < MOST ? atomic_exchange(&opened[fd], 0) : 0;

	if (crowd() == FULL && owner == getpid())
		atomic_fetch_add(&given_back, 1);
	return (int)syscall(SYS_close, fd);
}

int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
	if (operation == EPOLL_CTL_ADD && crowd() == WATCHED) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
}
