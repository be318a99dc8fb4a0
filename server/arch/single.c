/*
 * single.c - the architecture of one epoll loop on the main thread.
 */
#include "server/arch/arch.h"
#include "server/crew.h"
#include "server/loop.h"

static int work(struct server *server, unsigned int number, void *argument)
{
	(void)argument;
	return loop_run(server, &server->listener, number);
}

static int serve(struct server *server)
{
	return crew_run(server, 1, work, NULL);
}

const struct architecture arch_single = {
	.name = "single",
	.help = "one epoll loop",
	.serve = serve,
};
