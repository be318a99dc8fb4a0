/*
 * record.c - fuzzes the reading of record files: any bytes give rows or an error, never a crash,
 * and rows that were read are written and read again as the same rows.
 */
#include "server/base/record.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int load(const void *data, size_t size, void **rows, size_t *count)
{
	int fd = memfd_create("record", 0);
	char path[32];
	size_t line;
	int error;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	error = record_load(&record_phases, path, rows, count, &line);
	close(fd);
	return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct phase *rows, *again;
	size_t count, count_again, length;
	char *text;
	FILE *file;

	if (load(data, size, (void **)&rows, &count))
		return 0;
	file = open_memstream(&text, &length);
	record_begin(&record_phases, file);
	for (size_t i = 0; i < count; i++)
		record_append(&record_phases, file, &rows[i]);
	fclose(file);
	if (load(text, length, (void **)&again, &count_again) || count_again != count ||
	    (count && memcmp(rows, again, count * sizeof(*rows)) != 0))
		abort();
	free(text);
	free(rows);
	free(again);
	return 0;
}
