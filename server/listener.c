/*
 * listener.c - the listening socket. See listener.h.
 */
#include "server/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <unistd.h>

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int listener_open(struct listener *listener, const struct address *address, int backlog,
		  bool shared)
{
	int error;
	int on = 1;

	listener->spare = open_spare();
	listener->address = *address;
	listener->descriptors = NULL;
	listener->bell = -1;
	listener->fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			      0);
	if (listener->fd < 0 || listener->spare < 0)
		goto fail;
	/* A restart must not wait for the TIME_WAIT of connections that the server closed. */
	if (setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    (shared && setsockopt(listener->fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on))) ||
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

static int accept_next(const struct listener *listener, int flags)
{
	int fd;

	do
		fd = accept4(listener->fd, NULL, NULL, flags | SOCK_CLOEXEC);
	while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
	return fd < 0 ? -errno : fd;
}

int listener_accept(const struct listener *listener, int flags)
{
	int fd;

	if (!listener->descriptors)
		return accept_next(listener, flags);
	pthread_rwlock_rdlock(listener->descriptors);
	fd = accept_next(listener, flags);
	pthread_rwlock_unlock(listener->descriptors);
	return fd;
}

unsigned int listener_waiting(const struct listener *listener)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	/* Of a listener it is the length of its queue: tcp_get_info() in net/ipv4/tcp.c. */
	if (getsockopt(listener->fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return 0;
	return info.tcpi_unacked;
}

int listener_yield_spare(struct listener *listener)
{
	/* It may have been lost to another process the last time. */
	if (listener->spare < 0)
		listener->spare = open_spare();
	if (listener->spare < 0)
		return -EMFILE;
	close(listener->spare);
	listener->spare = -1;
	return 0;
}

static void regain_spare(struct listener *listener)
{
	if (listener->spare < 0)
		listener->spare = open_spare();
}

void listener_regain_spare(struct listener *listener)
{
	bool lost;

	if (!listener->descriptors) {
		regain_spare(listener);
		return;
	}
	/* Those who accept meanwhile wait only where it is lost. */
	pthread_rwlock_rdlock(listener->descriptors);
	lost = listener->spare < 0;
	pthread_rwlock_unlock(listener->descriptors);
	if (!lost)
		return;
	pthread_rwlock_wrlock(listener->descriptors);
	regain_spare(listener);
	pthread_rwlock_unlock(listener->descriptors);
}

void listener_own_spare(struct listener *listener)
{
	if (listener->spare >= 0)
		close(listener->spare);
	listener->spare = open_spare();
}

static int shed(struct listener *listener)
{
	int fd = listener_yield_spare(listener);

	if (fd)
		return fd;
	fd = accept_next(listener, 0);
	if (fd >= 0)
		close(fd);
	regain_spare(listener);
	return fd < 0 ? fd : 0;
}

int listener_shed(struct listener *listener)
{
	int error;

	if (!listener->descriptors)
		return shed(listener);
	pthread_rwlock_wrlock(listener->descriptors);
	error = shed(listener);
	pthread_rwlock_unlock(listener->descriptors);
	return error;
}

bool listener_lacks(int error)
{
	return error == -EMFILE || error == -ENFILE || error == -ENOBUFS || error == -ENOMEM;
}

void listener_close(struct listener *listener)
{
	if (listener->fd >= 0)
		close(listener->fd);
	if (listener->spare >= 0)
		close(listener->spare);
	if (listener->bell >= 0)
		close(listener->bell);
	listener->fd = -1;
	listener->spare = -1;
	listener->bell = -1;
}
