/*
 * single.c - the architecture of one epoll loop on the main thread.
 */
#include "allocators/allocator.h"
#include "server/arch/arch.h"
#include "server/loop.h"

static int serve(struct server *server)
{
	struct loop loop; /* with its read buffer on the stack, outside the plug-in's heap */
	int error = 0;

	if (allocator.start_thread)
		error = allocator.start_thread();
	if (error)
		return error;
	error = loop_init(&loop, server, 0);
	if (!error)
		error = loop_run(&loop);
	loop_free(&loop);
	if (allocator.stop_thread)
		allocator.stop_thread();
	return error;
}

const struct architecture arch_single = {
	.name = "single",
	.help = "one epoll loop",
	.serve = serve,
};
