/*
 * memory.c - what this process holds. See memory.h.
 *
 * Plain pread() into the stack: stdio would take a buffer from the allocator under test.
 */
#include "server/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int memory_open(void)
{
	int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	return statm < 0 ? -errno : statm;
}

uint64_t memory_anonymous(int statm)
{
	unsigned long resident, shared;
	char text[128];
	ssize_t length = pread(statm, text, sizeof(text) - 1, 0);

	if (length <= 0)
		return MEMORY_UNKNOWN;
	text[length] = '\0';
	if (sscanf(text, "%*u %lu %lu", &resident, &shared) != 2)
		return MEMORY_UNKNOWN;
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t memory_fell(uint64_t before, uint64_t after)
{
	if (before == MEMORY_UNKNOWN || after == MEMORY_UNKNOWN || before < after)
		return 0;
	return before - after;
}
