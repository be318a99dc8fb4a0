/*
 * server.c - what the loops of a running server share. See server.h.
 */
#include "server/server.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "server/base/process.h"
#include "server/memory.h"

int server_begin(struct server *server)
{
	int error = index_init(&server->index);

	if (error)
		return error;
	server->statm = memory_open();
	rounds_init(&server->rounds, &server->options.release, server->statm);
	journal_init(&server->journal, server->options.log_every, server->status, server->statm);
	server->stop = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return server->stop < 0 ? -errno : 0;
}

void server_end(struct server *server)
{
	if (server->stop >= 0)
		close(server->stop);
	if (server->statm >= 0)
		close(server->statm);
	journal_free(&server->journal);
	rounds_free(&server->rounds);
	index_free(&server->index);
}

void server_up(struct server *server)
{
	if (atomic_fetch_sub(&server->missing, 1) == 1)
		process_ready(server->options.ready_fd);
}

void server_stop(struct server *server)
{
	eventfd_write(server->stop, 1);
}
