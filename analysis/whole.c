/*
 * whole.c - files that are replaced only when what replaces them is whole. See whole.h.
 */
#include "analysis/whole.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int whole_write(const char *directory, const char *name,
		int (*write)(FILE *file, const void *context), const void *context, char *why,
		size_t room)
{
	char part[PATH_MAX], path[PATH_MAX];
	FILE *file;
	int error;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	snprintf(part, sizeof(part), "%s/%s.part", directory, name);
	file = fopen(part, "we");
	if (!file) {
		error = -errno;
		goto out;
	}
	error = write(file, context);
	if (fclose(file) && !error)
		error = -errno;
	if (!error && rename(part, path))
		error = -errno;
	if (error)
		unlink(part);
out:
	if (error)
		snprintf(why, room, "%.400s: %s", path, strerror(-error));
	return error;
}
