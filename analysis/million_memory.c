/*
 * million_memory.c - what this machine and some processes hold. See million_memory.h.
 */
#include "analysis/million_memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/descendants.h"
#include "server/base/free_pages.h"

#define MOST_PROCESSES 8192

/* The sum of the numbers behind that name, one a line at the most. */
static uint64_t read_after(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	uint64_t number = 0;
	char line[512];

	while (file && !number && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			number = strtoull(line + strlen(name), NULL, 10);
	if (file)
		fclose(file);
	return number;
}

/*
 * A look through /proc/PID/fd, by whomever, makes an inode and a dentry for each descriptor: with a
 * million of them, a gigabyte that is no connection's. slabinfo(5) is for root only.
 */
static uint64_t inodes_of_proc(void)
{
	FILE *file = fopen("/proc/slabinfo", "re");
	uint64_t objects, size, pages, slabs, used = 0, bytes = 0, dentry = 0;
	char line[512], name[64];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line,
			   "%63s %" SCNu64 " %*u %" SCNu64 " %*u %" SCNu64
			   " : tunables %*u %*u %*u : slabdata %*u %" SCNu64,
			   name, &objects, &size, &pages, &slabs) != 5)
			continue;
		if (!strcmp(name, "dentry"))
			dentry = size;
		if (strcmp(name, "proc_inode_cache") != 0)
			continue;
		used = objects;
		bytes = slabs * pages * (uint64_t)sysconf(_SC_PAGESIZE);
	}
	if (file)
		fclose(file);
	return bytes + used * dentry;
}

uint64_t million_memory_available(void)
{
	return (read_after("/proc/meminfo", "MemAvailable:") << 10) + free_pages_of_cpus();
}

void million_memory_read(struct million_memory *memory)
{
	memory->available = million_memory_available();
	memory->slab = (read_after("/proc/meminfo", "Slab:") << 10) - inodes_of_proc();
}

uint64_t million_memory_sockets(void)
{
	return read_after("/proc/net/sockstat", "TCP: inuse");
}

static uint64_t anonymous_of(pid_t pid)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	return read_after(path, "Pss_Anon:") << 10;
}

/* A pointer and two bits for each place: alloc_fdtable() in fs/file.c. */
static uint64_t table_of(pid_t pid)
{
	char path[48];
	uint64_t places;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	places = read_after(path, "FDSize:");
	return places * sizeof(void *) + places / 4;
}

static uint64_t sum_of(pid_t root, uint64_t (*bytes_of)(pid_t pid))
{
	pid_t *pids = malloc(MOST_PROCESSES * sizeof(*pids));
	int count = pids ? descendants_of(root, pids, MOST_PROCESSES) : 0;
	uint64_t bytes = bytes_of(root);

	for (int i = 0; i < count; i++)
		bytes += bytes_of(pids[i]);
	free(pids);
	return bytes;
}

uint64_t million_memory_of(pid_t root)
{
	return sum_of(root, anonymous_of);
}

uint64_t million_tables_of(pid_t root)
{
	return sum_of(root, table_of);
}
