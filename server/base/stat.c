/*
 * stat.c - one line of /proc/PID/stat. See stat.h, and proc_pid_stat(5) for the fields.
 */
#include "server/base/stat.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#define FIRST 4 /* field: the parent, the first number behind the name */
#define LAST  22
#define TEXT  1024 /* more than the line can be: 52 numbers, a name of 64 */

/* Behind the name and the letter of the state. */
static bool read_fields(const char *text, uint64_t fields[LAST + 1])
{
	for (size_t i = FIRST; i <= LAST; i++) {
		char *end;

		fields[i] = strtoull(text, &end, 10);
		if (end == text)
			return false;
		text = end;
	}
	return true;
}

static void copy_name(char name[RECORD_NAME], const char *text, size_t length)
{
	length = MIN(length, RECORD_NAME - 1);
	for (size_t i = 0; i < length; i++)
		name[i] = isascii(text[i]) && isprint(text[i]) && !strchr(",\"#\\", text[i])
				  ? text[i]
				  : '_';
	name[length] = '\0';
	if (!length)
		strcpy(name, "_");
}

int stat_parse(const char *text, struct stat_line *line)
{
	const char *begin = strchr(text, '(');
	const char *end = strrchr(text, ')');
	uint64_t fields[LAST + 1];

	if (!begin || !end || end < begin || strlen(end) < 4 || !read_fields(end + 3, fields))
		return -EPROTO;
	copy_name(line->name, begin + 1, (size_t)(end - begin - 1));
	line->parent = (uint32_t)fields[4];
	line->flags = (uint32_t)fields[9];
	line->minor_faults = fields[10];
	line->major_faults = fields[12];
	line->user = fields[14];
	line->system = fields[15];
	line->threads = fields[20];
	line->started = fields[22];
	return 0;
}

int stat_read(struct stat_line *line, uint32_t pid)
{
	char text[TEXT];
	ssize_t length;
	int error = 0;
	int fd;

	snprintf(text, sizeof(text), "/proc/%u/stat", pid);
	fd = open(text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	length = read(fd, text, sizeof(text) - 1);
	if (length < 0)
		error = -errno;
	close(fd);
	text[MAX(length, 0)] = '\0';
	return error ? error : stat_parse(text, line);
}
