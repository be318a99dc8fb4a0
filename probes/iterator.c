/*
 * iterator.c - reads what an eBPF iterator prints. See iterator.h.
 */
#include "probes/iterator.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <unistd.h>

/* read(2), but for the errors after which it is to be tried again. */
static ssize_t read_some(int fd, char *text, size_t room)
{
	ssize_t got;

	do
		got = read(fd, text, room);
	while (got < 0 && (errno == EAGAIN || errno == EINTR));
	return got < 0 ? -errno : got;
}

static int64_t read_to_end(int fd, char *text, size_t room)
{
	size_t length = 0;
	ssize_t got;

	do {
		if (length + 1 >= room)
			return -ENOSPC;
		got = read_some(fd, text + length, room - length - 1);
		if (got > 0)
			length += (size_t)got;
	} while (got > 0);
	text[length] = '\0';
	return got < 0 ? got : (int64_t)length;
}

static int64_t read_away(int fd)
{
	int64_t length = 0;
	char waste[4096];
	ssize_t got;

	while ((got = read_some(fd, waste, sizeof(waste))) > 0)
		length += got;
	return got < 0 ? got : length;
}

int64_t iterator_read(int link, char *text, size_t room)
{
	int fd = bpf_iter_create(link);
	int64_t length;

	if (fd < 0)
		return -errno;
	length = text ? read_to_end(fd, text, room) : read_away(fd);
	close(fd);
	return length;
}
