/*
 * descendants.c - the processes that another one has started. See descendants.h.
 */
#include "analysis/descendants.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct process {
	pid_t pid, parent;
};

/* The parent stands behind the name in parentheses, which may hold anything (proc(5)). */
static pid_t parent_of(pid_t pid)
{
	char path[32], text[512];
	const char *end;
	pid_t parent = 0;
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	end = strrchr(text, ')');
	return end && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
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
