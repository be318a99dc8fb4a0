/*
 * memory.c - what this process holds. See memory.h.
 *
 * Plain read() into the stack: stdio would take a buffer from the allocator under test.
 */
#include "server/memory.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

uint64_t memory_anonymous(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	unsigned long resident, shared;
	char text[128];
	ssize_t length;

	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	if (sscanf(text, "%*u %lu %lu", &resident, &shared) != 2)
		return 0;
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}
