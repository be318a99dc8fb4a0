/*
 * available.c - the memory that this machine can still give. See available.h.
 */
#include "pulse/available.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "server/base/free_pages.h"

#define LEAST_FLOOR (UINT64_C(512) << 20)

/* The value of "Name:   123 kB" in bytes. Both names stand in the first lines (proc(5)). */
static uint64_t read_line(const struct available *available, const char *name, uint64_t otherwise)
{
	char text[512];
	ssize_t length = pread(available->fd, text, sizeof(text) - 1, 0);
	const char *line;
	uint64_t kib;

	if (length <= 0)
		return otherwise;
	text[length] = '\0';
	line = strstr(text, name);
	if (!line || sscanf(line + strlen(name), "%" SCNu64 " kB", &kib) != 1)
		return otherwise;
	return kib << 10;
}

int available_open(struct available *available)
{
	*available = (struct available){ .fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC) };
	if (available->fd < 0)
		return -errno;
	available->total = read_line(available, "MemTotal:", 0);
	return 0;
}

void available_close(struct available *available)
{
	if (available->fd >= 0)
		close(available->fd);
	available->fd = -1;
}

uint64_t available_read(const struct available *available)
{
	uint64_t told = read_line(available, "MemAvailable:", UINT64_MAX);

	return told == UINT64_MAX ? told : told + free_pages_of_cpus();
}

bool available_is_below(const struct available *available, uint64_t floor)
{
	return read_line(available, "MemAvailable:", UINT64_MAX) < floor &&
	       available_read(available) < floor;
}

uint64_t available_default_floor(const struct available *available)
{
	return MIN(MAX(available->total / 20, LEAST_FLOOR), available->total / 4);
}
