/*
 * document.c - the JSON files of a run directory. See document.h.
 */
#include "analysis/document.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "server/base/clock.h"

json_t *document_new(const char *what)
{
	struct clock_stamp stamp;

	clock_stamp(&stamp);
	return json_pack("{s:o, s:i, s:s, s:I, s:I}", "format", json_sprintf("tidemark %s", what),
			 "version", DOCUMENT_VERSION, "boot_id", stamp.boot_id, "monotonic_ns",
			 (json_int_t)stamp.monotonic, "realtime_ns", (json_int_t)stamp.realtime);
}

static int dump(const json_t *document, const char *path)
{
	FILE *file = fopen(path, "we");
	int error = 0;

	if (!file)
		return -errno;
	if (json_dumpf(document, file, JSON_INDENT(2)) || fputc('\n', file) == EOF || fflush(file))
		error = errno ? -errno : -EIO;
	if (fclose(file) && !error)
		error = -errno;
	return error;
}

int document_save(const json_t *document, const char *path)
{
	char part[PATH_MAX];
	int error;

	if (snprintf(part, sizeof(part), "%s.part", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	error = dump(document, part);
	if (!error && rename(part, path))
		error = -errno;
	if (error)
		unlink(part);
	return error;
}

int document_write(json_t *document, const char *path)
{
	int error = document_save(document, path);

	json_decref(document);
	return error;
}
