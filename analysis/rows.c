/*
 * rows.c - a record file of a run's folder. See rows.h.
 */
#include "analysis/rows.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

int rows_load(const struct record_kind *kind, const char *folder, const char *name, void *rows,
	      size_t *count, char why[ROWS_WHY])
{
	char path[PATH_MAX];
	struct stat about;
	size_t line;
	void *loaded;
	int error;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	/* To open a pipe would be to wait for its writer. */
	if (!stat(path, &about) && !S_ISREG(about.st_mode)) {
		snprintf(why, ROWS_WHY, "%s: not a regular file", name);
		*count = 0;
		return -EINVAL;
	}
	error = record_load(kind, path, &loaded, count, &line);
	memcpy(rows, &loaded, sizeof(loaded));
	if (error == -EPROTO)
		snprintf(why, ROWS_WHY, "%s: no such record, or of another version", name);
	else if (error == -EBADMSG)
		snprintf(why, ROWS_WHY, "%s: line %zu is damaged", name, line);
	else if (error)
		snprintf(why, ROWS_WHY, "%s: %s", name, strerror(-error));
	return error;
}
