/*
 * environment.c - the machine that an experiment ran on. See environment.h.
 */
#include "analysis/environment.h"

#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "analysis/cgroup.h"
#include "server/base/clock.h"

#define TOUCHED (16u << 20) /* bytes: a few thousand pages are enough for a mean */

/* The first line of a file, as JSON. */
static json_t *file_line(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[512] = "";
	json_t *text;

	if (!file)
		return json_null();
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	for (char *c = line; *c; c++)
		if (*c == '\t')
			*c = ' ';
	text = json_string(line);
	return text ? text : json_null();
}

/* What stands behind "key" and a colon in a file such as /proc/cpuinfo. */
static json_t *file_key(const char *path, const char *key)
{
	FILE *file = fopen(path, "re");
	char line[512];
	json_t *found = NULL;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char *value = line + strlen(key);

		if (strncmp(line, key, strlen(key)))
			continue;
		value += strspn(value, " \t:");
		value[strcspn(value, "\n")] = '\0';
		found = json_string(value);
	}
	if (file)
		fclose(file);
	return found ? found : json_null();
}

static void add_files(json_t *object)
{
	static const struct {
		const char *key, *path;
	} files[] = {
		{ "thp", "/sys/kernel/mm/transparent_hugepage/enabled" },
		{ "thp_defrag", "/sys/kernel/mm/transparent_hugepage/defrag" },
		{ "overcommit_memory", "/proc/sys/vm/overcommit_memory" },
		{ "swappiness", "/proc/sys/vm/swappiness" },
		{ "somaxconn", "/proc/sys/net/core/somaxconn" },
		{ "ip_local_port_range", "/proc/sys/net/ipv4/ip_local_port_range" },
		{ "tcp_tw_reuse", "/proc/sys/net/ipv4/tcp_tw_reuse" },
		{ "tcp_max_syn_backlog", "/proc/sys/net/ipv4/tcp_max_syn_backlog" },
		{ "file_max", "/proc/sys/fs/file-max" },
		{ "hypervisor", "/sys/class/dmi/id/sys_vendor" },
		{ "clocksource",
		  "/sys/devices/system/clocksource/clocksource0/current_clocksource" },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		json_object_set_new(object, files[i].key, file_line(files[i].path));
	json_object_set_new(object, "cpu", file_key("/proc/cpuinfo", "model name"));
	json_object_set_new(object, "memory", file_key("/proc/meminfo", "MemTotal"));
	json_object_set_new(object, "memory_available", file_key("/proc/meminfo", "MemAvailable"));
	json_object_set_new(object, "swap", file_key("/proc/meminfo", "SwapTotal"));
}

/* A balloon takes pages back behind the guest's back, or has free ones reported (virtio device 5).
 */
static void add_balloon(json_t *object)
{
	glob_t found;
	int balloons = 0;

	if (!glob("/sys/bus/virtio/drivers/virtio_balloon/virtio*", 0, NULL, &found))
		balloons = (int)found.gl_pathc;
	json_object_set_new(object, "memory_balloons", json_integer(balloons));
	globfree(&found);
}

static void add_limits(json_t *object)
{
	struct rlimit files;
	uint64_t limit;
	int version = cgroup_own(&limit);

	if (!getrlimit(RLIMIT_NOFILE, &files))
		json_object_set_new(object, "fd_limit", json_integer((json_int_t)files.rlim_max));
	json_object_set_new(object, "memory_cgroup",
			    version ? json_sprintf("v%d", version) : json_null());
	json_object_set_new(object, "memory_cgroup_limit",
			    limit == UINT64_MAX ? json_null() : json_integer((json_int_t)limit));
}

json_t *environment_describe(void)
{
	json_t *object = json_object();
	struct utsname system;

	if (!object)
		return NULL;
	if (!uname(&system)) {
		json_object_set_new(object, "kernel", json_string(system.release));
		json_object_set_new(object, "machine", json_string(system.machine));
	}
	json_object_set_new(object, "cpus", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_set_new(object, "page_size", json_integer(sysconf(_SC_PAGESIZE)));
	add_files(object);
	add_balloon(object);
	add_limits(object);
	return object;
}

uint64_t environment_first_touch(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t begin, spent;
	char *memory = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (memory == MAP_FAILED)
		return UINT64_MAX;
	madvise(memory, TOUCHED, MADV_NOHUGEPAGE);
	begin = clock_now();
	for (size_t offset = 0; offset < TOUCHED; offset += page)
		memory[offset] = 1;
	spent = clock_now() - begin;
	munmap(memory, TOUCHED);
	return spent / (TOUCHED / page);
}
