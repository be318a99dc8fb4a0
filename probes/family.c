/*
 * family.c - the processes of the server as /proc tells them. See family.h.
 */
#include "probes/family.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Room for the numbers of all children that a family can take. */
#define CHILDREN (FAMILY_MOST * 8)

static bool is_known(const struct family *family, uint32_t pid)
{
	for (size_t i = 0; i < family->count; i++)
		if (family->list[i].pid == pid)
			return true;
	return false;
}

bool family_is_strange(const struct family *family, uint32_t pid)
{
	struct stat info;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	return family->inode && !stat(path, &info) &&
	       (info.st_ino != family->inode || info.st_dev != family->device);
}

static int add(struct family *family, uint32_t pid)
{
	char path[32];
	int tasks, smaps;

	if (family->count == FAMILY_MOST) {
		family->left_out++;
		return -ENOSPC;
	}
	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	tasks = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tasks < 0)
		return -errno;
	/* Read later: access is checked when it is opened (proc_maps_open of fs/proc/task_mmu.c).
	 */
	snprintf(path, sizeof(path), "/proc/%u/smaps_rollup", pid);
	smaps = open(path, O_RDONLY | O_CLOEXEC);
	family->list[family->count++] =
		(struct member){ .pid = pid, .tasks = tasks, .smaps = smaps };
	return 0;
}

int family_open(struct family *family, uint32_t pid)
{
	struct stat info;
	char path[32];
	int error;

	family->count = 0;
	family->left_out = 0;
	snprintf(path, sizeof(path), "/proc/%u/exe", pid);
	if (stat(path, &info))
		info.st_ino = 0;
	family->inode = info.st_ino;
	family->device = info.st_dev;
	error = add(family, pid);
	for (size_t i = 0; i < family->count; i++)
		family_add_children(family, i, family->list[i].pid);
	return error;
}

/* All of it: the kernel hands a list of children out by the page. */
static int read_all(int fd, char *text, size_t room)
{
	size_t used = 0;
	ssize_t length;

	do {
		length = read(fd, text + used, room - 1 - used);
		if (length < 0)
			return -errno;
		used += (size_t)length;
	} while (length && used < room - 1);
	text[used] = '\0';
	return 0;
}

int family_read(const struct family *family, size_t member, uint32_t thread, const char *name,
		char *text, size_t room)
{
	char path[48];
	int error;
	int fd;

	snprintf(path, sizeof(path), "%u/%s", thread, name);
	fd = openat(family->list[member].tasks, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = read_all(fd, text, room);
	close(fd);
	return error;
}

void family_add_children(struct family *family, size_t member, uint32_t thread)
{
	char text[CHILDREN];
	char *next = text, *end;

	if (family_read(family, member, thread, "children", text, sizeof(text)))
		return;
	for (;; next = end) {
		uint32_t pid = (uint32_t)strtoul(next, &end, 10);

		if (end == next)
			return;
		if (!is_known(family, pid) && !family_is_strange(family, pid))
			add(family, pid);
	}
}

void family_remove(struct family *family, size_t member)
{
	close(family->list[member].tasks);
	if (family->list[member].smaps >= 0)
		close(family->list[member].smaps);
	family->list[member] = family->list[--family->count];
}

void family_close(struct family *family)
{
	while (family->count)
		family_remove(family, family->count - 1);
}
