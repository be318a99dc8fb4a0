/*
 * target.c - which process listens on a port. See target.h.
 */
#include "probes/target.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "probes/sockdiag.h"

struct search {
	uint16_t port;
	bool found;
};

static void look(void *context, const struct sockdiag_socket *socket)
{
	struct search *search = context;

	if (socket->state == SOCKDIAG_LISTEN && socket->local.port == search->port)
		search->found = true;
}

static bool listens(uint32_t pid, uint16_t port)
{
	struct endpoint endpoints[64];
	int count = sockdiag_endpoints(pid, endpoints, 64);

	for (int i = 0; i < count; i++)
		if (endpoints[i].port == port)
			return true;
	return false;
}

/* Processes are listed by number: the parent stands first but where numbers have wrapped. */
static uint32_t first_listener(uint16_t port)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	uint32_t found = 0;

	while (proc && !found && (entry = readdir(proc))) {
		uint32_t pid = (uint32_t)strtoul(entry->d_name, NULL, 10);

		if (pid && listens(pid, port))
			found = pid;
	}
	if (proc)
		closedir(proc);
	return found;
}

int target_by_port(uint16_t port, uint32_t *pid)
{
	struct search search = { .port = port };
	int error = sockdiag_each(look, &search);

	if (error)
		return error;
	if (!search.found)
		return -ENOENT;
	*pid = first_listener(port);
	return *pid ? 0 : -EACCES;
}
