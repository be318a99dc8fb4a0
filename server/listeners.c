/*
 * listeners.c - a listening socket for each worker. See listeners.h.
 */
#include "server/listeners.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "server/arch/arch.h"

static size_t bytes(const struct listeners *listeners)
{
	return (listeners->server->options.workers - 1) * sizeof(struct listener);
}

static int hang_bell(struct listener *listener)
{
	listener->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return listener->bell < 0 ? -errno : 0;
}

int listeners_open(struct listeners *listeners, struct server *server)
{
	const struct server_options *options = &server->options;
	int error = 0;

	*listeners = (struct listeners){ .server = server };
	pthread_rwlock_init(&listeners->descriptors, NULL);
	server->listener.descriptors = &listeners->descriptors;
	if (options->workers == 1)
		return 0;
	if (options->share == SHARE_LISTENER)
		return options->arch->processes ? hang_bell(&server->listener) : 0;
	listeners->more = mmap(NULL, bytes(listeners), PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (listeners->more == MAP_FAILED) {
		listeners->more = NULL;
		return -ENOMEM;
	}
	for (unsigned int i = 1; i < options->workers && !error; i++) {
		error = listener_open(&listeners->more[i - 1], &server->listener.address,
				      (int)options->backlog, true);
		if (!error)
			listeners->more[listeners->count++].descriptors = &listeners->descriptors;
	}
	return error;
}

struct listener *listeners_of(const struct listeners *listeners, unsigned int worker)
{
	if (!worker || !listeners->more)
		return &listeners->server->listener;
	return &listeners->more[worker - 1];
}

void listeners_close(struct listeners *listeners)
{
	for (unsigned int i = 0; i < listeners->count; i++)
		listener_close(&listeners->more[i]);
	listeners->server->listener.descriptors = NULL;
	pthread_rwlock_destroy(&listeners->descriptors);
	if (listeners->more)
		munmap(listeners->more, bytes(listeners));
}
