/*
 * procfs.c - what /proc and the memory cgroup say of one process. See procfs.h.
 */
#include "probes/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/base/stat.h"
#include "server/base/units.h"

#define TEXT 4096

static int open_of(uint32_t pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/*
 * The memory cgroup's usage, where cgroup file systems are usually mounted. In /proc/PID/cgroup a
 * v1 line is "4:memory:/path", the v2 line "0::/path" (cgroups(7)).
 */
static int open_cgroup(uint32_t pid)
{
	char line[TEXT], path[TEXT + 64];
	FILE *file;
	int fd = -1;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	file = fopen(path, "re");
	while (file && fd < 0 && fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':');
		char *group = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!group)
			continue;
		*group++ = '\0';
		group[strcspn(group, "\n")] = '\0';
		if (!strcmp(controllers + 1, "memory"))
			snprintf(path, sizeof(path),
				 "/sys/fs/cgroup/memory%s/memory.usage_in_bytes", group);
		else if (!controllers[1])
			snprintf(path, sizeof(path), "/sys/fs/cgroup%s/memory.current", group);
		else
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (file)
		fclose(file);
	return fd;
}

int procfs_open(struct procfs *procfs, uint32_t pid)
{
	struct stat_line line;
	int error = stat_read(&line, pid);

	procfs->page = (uint64_t)sysconf(_SC_PAGESIZE);
	procfs->tick = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
	procfs->statm = open_of(pid, "statm");
	procfs->smaps_rollup = open_of(pid, "smaps_rollup");
	procfs->stat = open_of(pid, "stat");
	procfs->cgroup = open_cgroup(pid);
	if (!error && (line.flags & STAT_KERNEL_THREAD))
		error = -ENOEXEC;
	else if (!error && procfs->statm < 0)
		error = procfs->statm;
	else if (!error && procfs->smaps_rollup < 0)
		error = procfs->smaps_rollup;
	else if (!error && procfs->stat < 0)
		error = procfs->stat;
	if (error)
		procfs_close(procfs);
	return error;
}

void procfs_close(struct procfs *procfs)
{
	int fds[] = { procfs->statm, procfs->smaps_rollup, procfs->stat, procfs->cgroup };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int read_text(int fd, char text[TEXT])
{
	ssize_t length = pread(fd, text, TEXT - 1, 0);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	return length ? 0 : -ESRCH;
}

bool procfs_maps(uint32_t pid, uint64_t inode)
{
	char line[TEXT];
	bool found = false;
	FILE *file;

	snprintf(line, sizeof(line), "/proc/%u/maps", pid);
	file = fopen(line, "re");
	while (file && !found && fgets(line, sizeof(line), file)) {
		uint64_t mapped;
		char shared;

		/* range, rights, offset, device, inode: proc_pid_maps(5) */
		found = sscanf(line, "%*s %*3c%c %*s %*s %" SCNu64, &shared, &mapped) == 2 &&
			shared == 's' && mapped == inode;
	}
	if (file)
		fclose(file);
	return found;
}

/* Reads count numbers that are separated by blanks. */
static bool read_numbers(const char *text, uint64_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *end;

		numbers[i] = strtoull(text, &end, 10);
		if (end == text)
			return false;
		text = end;
	}
	return true;
}

static int parse_statm(const struct procfs *procfs, const char *text, uint64_t *bytes)
{
	uint64_t pages[3]; /* size, resident, shared: proc_pid_statm(5) */

	if (!read_numbers(text, pages, 3))
		return -EPROTO;
	/* A zombie's memory is gone already and reads as 0. */
	if (!pages[0])
		return -ESRCH;
	*bytes = (pages[1] - pages[2]) * procfs->page;
	return 0;
}

int procfs_anonymous(const struct procfs *procfs, uint64_t *bytes)
{
	char text[TEXT];
	int error = read_text(procfs->statm, text);

	return error ? error : parse_statm(procfs, text, bytes);
}

int procfs_anonymous_of(const struct procfs *procfs, const struct family *family, size_t member,
			uint64_t *bytes)
{
	char text[TEXT];
	int error = family_read(family, member, family->list[member].pid, "statm", text,
				sizeof(text));

	return error ? error : parse_statm(procfs, text, bytes);
}

/* The number of KiB behind a key such as "\nLazyFree:" in bytes; absent where the kernel has none.
 */
static uint64_t find_kib(const char *text, const char *key)
{
	const char *found = strstr(text, key);
	uint64_t kib;

	if (!found || !read_numbers(found + strlen(key), &kib, 1))
		return RECORD_ABSENT;
	return kib << 10;
}

static int read_smaps(int fd, struct rollup *rollup)
{
	char text[TEXT];
	int error = read_text(fd, text);

	if (error)
		return error;
	rollup->rss = find_kib(text, "\nRss:");
	rollup->pss = find_kib(text, "\nPss:");
	rollup->anon = find_kib(text, "\nAnonymous:");
	rollup->anon_huge = find_kib(text, "\nAnonHugePages:");
	rollup->lazyfree = find_kib(text, "\nLazyFree:");
	rollup->swap = find_kib(text, "\nSwap:");
	return 0;
}

static void add(uint64_t *sum, uint64_t part)
{
	*sum = *sum == RECORD_ABSENT || part == RECORD_ABSENT ? RECORD_ABSENT : *sum + part;
}

static uint64_t read_swap(const struct family *family, size_t member)
{
	char text[TEXT];
	int error = family_read(family, member, family->list[member].pid, "status", text,
				sizeof(text));

	return error ? RECORD_ABSENT : find_kib(text, "\nVmSwap:");
}

int procfs_add_smaps(const struct family *family, size_t member, struct rollup *rollup)
{
	int fd = family->list[member].smaps;
	struct rollup part;
	int error;

	memset(&part, 0xff, sizeof(part)); /* RECORD_ABSENT in every field */
	error = fd < 0 ? -EACCES : read_smaps(fd, &part);
	if (error == -ESRCH)
		return 0;
	if (error)
		part.swap = read_swap(family, member);
	add(&rollup->rss, part.rss);
	add(&rollup->pss, part.pss);
	add(&rollup->anon, part.anon);
	add(&rollup->anon_huge, part.anon_huge);
	add(&rollup->lazyfree, part.lazyfree);
	add(&rollup->swap, part.swap);
	return error;
}

static int read_stat(const struct procfs *procfs, int fd, struct rollup *rollup)
{
	struct stat_line line;
	char text[TEXT];
	int error = read_text(fd, text);

	if (!error)
		error = stat_parse(text, &line);
	if (error)
		return error;
	rollup->minor_faults = line.minor_faults;
	rollup->major_faults = line.major_faults;
	rollup->cpu_user = line.user * procfs->tick;
	rollup->cpu_system = line.system * procfs->tick;
	rollup->threads = line.threads;
	return 0;
}

void procfs_add_stat(const struct procfs *procfs, uint32_t pid, struct rollup *rollup)
{
	int fd = open_of(pid, "stat");
	struct rollup part;

	if (fd < 0)
		return;
	if (!read_stat(procfs, fd, &part)) {
		rollup->minor_faults += part.minor_faults;
		rollup->major_faults += part.major_faults;
		rollup->cpu_user += part.cpu_user;
		rollup->cpu_system += part.cpu_system;
		rollup->threads += part.threads;
	}
	close(fd);
}

int procfs_rollup(const struct procfs *procfs, struct rollup *rollup)
{
	char text[TEXT];
	int error = read_smaps(procfs->smaps_rollup, rollup);

	if (!error)
		error = read_stat(procfs, procfs->stat, rollup);
	rollup->cgroup_bytes = RECORD_ABSENT;
	if (procfs->cgroup >= 0 && !read_text(procfs->cgroup, text))
		read_numbers(text, &rollup->cgroup_bytes, 1);
	return error;
}
