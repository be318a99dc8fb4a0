/*
 * target.c - which process listens on a port. See target.h.
 */
#include "probes/target.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "probes/sockdiag.h"
#include "server/base/stat.h"

#define SOCKETS 1024 /* with SO_REUSEPORT one for each worker */
#define HOLDERS 4096

struct holder {
	uint32_t pid, parent;
	dev_t device; /* of the program that it runs */
	ino_t program;
};

struct search {
	uint16_t port;
	uint32_t sockets[SOCKETS]; /* inode numbers */
	size_t socket_count;
	struct holder holders[HOLDERS];
	size_t holder_count;
};

static void note_socket(void *context, const struct sockdiag_socket *socket)
{
	struct search *search = context;

	if (socket->state == SOCKDIAG_LISTEN && socket->local.port == search->port &&
	    search->socket_count < SOCKETS)
		search->sockets[search->socket_count++] = socket->inode;
}

static void note_holder(struct search *search, uint32_t pid)
{
	struct holder *holder = &search->holders[search->holder_count];
	struct stat_line line;
	struct stat program = { 0 };
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	if (stat_read(&line, pid) || stat(path, &program))
		return;
	*holder = (struct holder){ pid, line.parent, program.st_dev, program.st_ino };
	search->holder_count++;
}

static int find_holders(struct search *search)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		return -errno;
	while (search->holder_count < HOLDERS && (entry = readdir(proc))) {
		uint32_t pid = (uint32_t)strtoul(entry->d_name, NULL, 10);

		if (pid && sockdiag_holds(pid, search->sockets, search->socket_count) == 1)
			note_holder(search, pid);
	}
	closedir(proc);
	return search->holder_count ? 0 : -EACCES;
}

static const struct holder *find(const struct search *search, uint32_t pid)
{
	for (size_t i = 0; i < search->holder_count; i++)
		if (search->holders[i].pid == pid)
			return &search->holders[i];
	return NULL;
}

static bool same_program(const struct holder *one, const struct holder *other)
{
	return one->device == other->device && one->program == other->program;
}

static const struct holder *parent_of(const struct search *search, const struct holder *holder)
{
	return find(search, holder->parent);
}

static bool is_worker(const struct search *search, const struct holder *holder)
{
	const struct holder *parent = parent_of(search, holder);

	return parent && same_program(parent, holder);
}

static bool is_starter(const struct search *search, const struct holder *holder)
{
	for (size_t i = 0; i < search->holder_count; i++) {
		const struct holder *other = &search->holders[i];

		if (parent_of(search, other) == holder && !same_program(other, holder))
			return true;
	}
	return false;
}

static int choose(const struct search *search, uint32_t *pid)
{
	uint32_t found = 0;

	for (size_t i = 0; i < search->holder_count; i++) {
		const struct holder *holder = &search->holders[i];

		if (is_worker(search, holder) || is_starter(search, holder))
			continue;
		if (found)
			return -EEXIST;
		found = holder->pid;
	}
	*pid = found;
	return found ? 0 : -EEXIST;
}

int target_by_port(uint16_t port, uint32_t *pid)
{
	struct search *search = calloc(1, sizeof(*search));
	int error;

	if (!search)
		return -ENOMEM;
	search->port = port;
	error = sockdiag_each(note_socket, search);
	if (!error && !search->socket_count)
		error = -ENOENT;
	if (!error)
		error = find_holders(search);
	if (!error)
		error = choose(search, pid);
	free(search);
	return error;
}
