/*
 * document.c - the JSON files of a run directory. See document.h.
 */
#include "analysis/document.h"

#include <errno.h>
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

int document_write(json_t *document, const char *path)
{
	FILE *file = fopen(path, "we");
	int error = 0;

	if (!file) {
		error = -errno;
		goto out;
	}
	if (json_dumpf(document, file, JSON_INDENT(2)) || fputc('\n', file) == EOF || fflush(file))
		error = errno ? -errno : -EIO;
	if (fclose(file) && !error)
		error = -errno;
	if (error)
		unlink(path);
out:
	json_decref(document);
	return error;
}
