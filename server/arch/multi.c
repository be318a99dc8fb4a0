/*
 * multi.c - the architecture of an epoll loop a thread.
 *
 * Each has a listener of its own (SO_REUSEPORT: the kernel spreads connections by a hash), or all
 * share one.
 */
#include "server/arch/arch.h"
#include "server/crew.h"
#include "server/listeners.h"
#include "server/loop.h"

static int work(struct server *server, unsigned int number, void *argument)
{
	return loop_run(server, listeners_of((struct listeners *)argument, number), number);
}

static int serve(struct server *server)
{
	struct listeners listeners;
	int error = listeners_open(&listeners, server);

	if (!error)
		error = crew_run(server, server->options.workers, work, &listeners);
	listeners_close(&listeners);
	return error;
}

const struct architecture arch_multi = {
	.name = "multi",
	.help = "an epoll loop on each of --workers threads",
	.takes = ARCH_WORKERS | ARCH_SHARE,
	.serve = serve,
};
