/*
 * cgroup.c - a memory cgroup for one server. See cgroup.h.
 *
 * Sources: cgroups(7), Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
 */
#include "analysis/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/base/process.h"

/* The folder of our own memory cgroup. Returns its version, or 0. */
static int find_own(char *path, size_t room)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX + 64];
	char candidate[PATH_MAX + 96];
	struct stat status;
	int version = 0;

	while (file && !version && fgets(line, sizeof(line), file)) {
		char *controllers = strchr(line, ':');
		char *group = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!group)
			continue;
		*group++ = '\0';
		group[strcspn(group, "\n")] = '\0';
		if (!strcmp(controllers + 1, "memory")) {
			snprintf(candidate, sizeof(candidate), "/sys/fs/cgroup/memory%s", group);
			version = stat(candidate, &status) ? 0 : 1;
		} else if (!controllers[1]) {
			snprintf(candidate, sizeof(candidate),
				 "/sys/fs/cgroup%s/cgroup.controllers", group);
			version = stat(candidate, &status) ? 0 : 2;
			*strrchr(candidate, '/') = '\0';
		}
	}
	if (file)
		fclose(file);
	if (version && snprintf(path, room, "%s", candidate) >= (int)room)
		return 0;
	return version;
}

static int write_file(const char *folder, const char *name, const char *text)
{
	char path[2 * PATH_MAX];
	int error = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		error = -errno;
	close(fd);
	return error;
}

/*
 * v2 allows a controller only in children of a cgroup that has no processes of its own (the "no
 * internal processes" rule), so that -EBUSY here means: start tidemark in a delegated cgroup.
 */
static int allow_memory(const char *parent)
{
	char line[256] = "";
	char path[PATH_MAX + 32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", parent);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	return strstr(line, "memory") ? 0 : write_file(parent, "cgroup.subtree_control", "+memory");
}

static void remove_stale(const char *parent)
{
	char pattern[PATH_MAX];
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/" CGROUP_PREFIX "[0-9]*", parent);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *pid = strrchr(found.gl_pathv[i], '-') + 1;

		/* Fails where there is a process in it. */
		if (kill((pid_t)strtol(pid, NULL, 10), 0) && errno == ESRCH)
			rmdir(found.gl_pathv[i]);
	}
	globfree(&found);
}

int cgroup_create(struct cgroup *cgroup, const char *name, uint64_t limit)
{
	char parent[PATH_MAX / 2];
	char text[32];
	int version = find_own(parent, sizeof(parent));
	int error = version ? 0 : -ENODEV;

	if (error)
		return error;
	remove_stale(parent);
	cgroup->v2 = version == 2;
	if (cgroup->v2)
		error = allow_memory(parent);
	if (error)
		return error;
	snprintf(cgroup->path, sizeof(cgroup->path), "%s/%s", parent, name);
	snprintf(cgroup->procs, sizeof(cgroup->procs), "%.*s/cgroup.procs", PATH_MAX - 32,
		 cgroup->path);
	if (mkdir(cgroup->path, 0755) && errno != EEXIST)
		return -errno;
	snprintf(text, sizeof(text), "%" PRIu64, limit);
	error = write_file(cgroup->path, cgroup->v2 ? "memory.max" : "memory.limit_in_bytes", text);
	if (error)
		cgroup_remove(cgroup);
	return error;
}

uint64_t cgroup_kills(const struct cgroup *cgroup)
{
	char path[PATH_MAX + 32];
	char key[32];
	uint64_t value, kills = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", cgroup->path,
		 cgroup->v2 ? "memory.events" : "memory.oom_control");
	file = fopen(path, "re");
	while (file && fscanf(file, "%31s %" SCNu64, key, &value) == 2)
		if (!strcmp(key, "oom_kill"))
			kills = value;
	if (file)
		fclose(file);
	return kills;
}

void cgroup_remove(const struct cgroup *cgroup)
{
	rmdir(cgroup->path);
}

int cgroup_own(uint64_t *limit)
{
	char parent[PATH_MAX / 2];
	char path[PATH_MAX];
	int version = find_own(parent, sizeof(parent));

	*limit = UINT64_MAX;
	if (!version)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", parent,
		 version == 2 ? "memory.max" : "memory.limit_in_bytes");
	/* v2 says "max", v1 a number near 2^63, where there is none. */
	if (process_read_number(path, limit) || *limit > UINT64_MAX / 4)
		*limit = UINT64_MAX;
	return version;
}
