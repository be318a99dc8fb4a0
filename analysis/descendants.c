/*
 * descendants.c - the processes that another one has started. See descendants.h.
 */
#include "analysis/descendants.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "server/base/stat.h"

struct process {
	pid_t pid, parent;
};

/* 0 where it is gone. */
static pid_t parent_of(pid_t pid)
{
	struct stat_line line;

	return stat_read(&line, (uint32_t)pid) ? 0 : (pid_t)line.parent;
}

/* All processes. Returns how many, or -errno. */
static int list_all(struct process **all)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int count = 0;

	*all = NULL;
	if (!proc)
		return -errno;
	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		struct process *grown;

		if (!pid)
			continue;
		grown = reallocarray(*all, (size_t)count + 1, sizeof(*grown));
		if (!grown) {
			count = -ENOMEM;
			break;
		}
		*all = grown;
		grown[count++] = (struct process){ pid, parent_of(pid) };
	}
	closedir(proc);
	return count;
}

int descendants_of(pid_t root, pid_t *pids, size_t room)
{
	struct process *all;
	int count = list_all(&all);
	size_t found = 0, done = 0;
	pid_t parent = root;

	/* Breadth first: what is found is searched for in turn. */
	while (count > 0) {
		for (int i = 0; i < count && found < room; i++)
			if (all[i].parent == parent)
				pids[found++] = all[i].pid;
		if (done == found)
			break;
		parent = pids[done++];
	}
	free(all);
	return count < 0 ? count : (int)found;
}
