/*
 * listener.c - the listening socket. See listener.h.
 */
#include "server/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int listener_open(struct listener *listener, const struct address *address, int backlog)
{
	int error;
	int on = 1;

	listener->spare = open_spare();
	listener->address = *address;
	listener->fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			      0);
	if (listener->fd < 0 || listener->spare < 0)
		goto fail;
	/* A restart must not wait for the TIME_WAIT of connections that the server closed. */
	if (setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(listener->fd, &address->any, address->length) ||
	    /* The kernel cuts it down to net.core.somaxconn (listen(2)). */
	    listen(listener->fd, backlog ? backlog : INT_MAX) ||
	    getsockname(listener->fd, &listener->address.any, &listener->address.length))
		goto fail;
	return 0;
fail:
	error = -errno;
	listener_close(listener);
	return error;
}

int listener_accept(const struct listener *listener)
{
	int fd;

	do
		fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	return fd < 0 ? -errno : fd;
}

int listener_shed(struct listener *listener)
{
	int fd;

	/* It may have been lost to another process the last time. */
	if (listener->spare < 0)
		listener->spare = open_spare();
	if (listener->spare < 0)
		return -EMFILE;
	close(listener->spare);
	fd = listener_accept(listener);
	if (fd >= 0)
		close(fd);
	listener->spare = open_spare();
	return fd < 0 ? fd : 0;
}

void listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	if (listener->spare >= 0)
		close(listener->spare);
	listener->fd = -1;
	listener->spare = -1;
}
