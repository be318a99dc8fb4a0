/*
 * targets.c - the map of followed processes. See targets.h.
 */
#include "probes/targets.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/tables.h"
#include "server/base/clock.h"
#include "server/base/stat.h"

/* PROC_PID_INIT_INO, include/linux/proc_ns.h */
#define FIRST_PID_NAMESPACE 0xEFFFFFFCu

const char *targets_refused(void)
{
	struct stat info;

	if (stat("/proc/self/ns/pid", &info) || info.st_ino == FIRST_PID_NAMESPACE)
		return NULL;
	return "the probe is in a pid namespace (a container) of its own; start it outside";
}

/*
 * The iterators over sockets show those of the reader's own network namespace, so the probe moves
 * into the server's, where that is another one (a container).
 */
int targets_enter_network(uint32_t pid)
{
	struct stat own, its;
	char path[32];
	int error = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/ns/net", pid);
	if (stat("/proc/self/ns/net", &own) || stat(path, &its))
		return -errno;
	if (own.st_ino == its.st_ino && own.st_dev == its.st_dev)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET))
		error = -errno;
	close(fd);
	return error;
}

/* 0 where it is gone. */
static uint32_t parent_of(uint32_t pid)
{
	struct stat_line line;

	return stat_read(&line, pid) ? 0 : line.parent;
}

static bool runs_the_same(uint32_t pid, const struct stat *program)
{
	char path[32];
	struct stat info;

	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	return !stat(path, &info) && info.st_ino == program->st_ino &&
	       info.st_dev == program->st_dev;
}

static int add(int map, uint32_t pid, uint32_t parent, bool has_markers)
{
	struct target target = { .parent = parent,
				 .has_markers = has_markers,
				 .since = clock_now() };

	return bpf_map_update_elem(map, &pid, &target, BPF_ANY);
}

/* Adds processes whose parent is in the map. Returns how many are new, or -errno. */
static int add_children(int map, const struct stat *program, bool has_markers)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	struct target known;
	int added = 0, error = 0;

	if (!proc)
		return -errno;
	while (!error && (entry = readdir(proc))) {
		uint32_t pid = (uint32_t)strtoul(entry->d_name, NULL, 10);
		uint32_t parent = pid ? parent_of(pid) : 0;

		if (!parent || bpf_map_lookup_elem(map, &parent, &known) ||
		    !bpf_map_lookup_elem(map, &pid, &known) || !runs_the_same(pid, program))
			continue;
		error = add(map, pid, parent, has_markers);
		added++;
	}
	closedir(proc);
	return error ? error : added;
}

int targets_add(int map, uint32_t pid, bool has_markers)
{
	char path[32];
	struct stat program;
	int count = 1, more;
	int error = add(map, pid, 0, has_markers);

	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	if (error || stat(path, &program))
		return error ? error : count;
	/* A parent may stand behind its child in /proc; so until a round adds none. */
	do {
		more = add_children(map, &program, has_markers);
		if (more < 0)
			return more;
		count += more;
	} while (more);
	return count;
}
