/*
 * preload.c - an allocator that is preloaded into a server. See preload.h.
 */
#include "analysis/preload.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/label.h"

bool preload_is(const char *text)
{
	size_t length = strlen(PRELOAD);

	return !strncmp(text, PRELOAD, length) && (!text[length] || text[length] == ':');
}

/*
 * The head of an ELF file: up to e_machine it is the same for 32 and 64 bits. Zeros of what is no
 * file: a FIFO would keep open(2) and read(2) waiting for somebody who writes.
 */
static int read_head(const char *path, Elf64_Ehdr *head)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat about;
	int error = 0;

	memset(head, 0, sizeof(*head));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &about) || (S_ISREG(about.st_mode) && read(fd, head, sizeof(*head)) < 0))
		error = -errno;
	close(fd);
	return error;
}

static bool same_machine(const Elf64_Ehdr *a, const Elf64_Ehdr *b)
{
	return a->e_machine == b->e_machine && a->e_ident[EI_CLASS] == b->e_ident[EI_CLASS] &&
	       a->e_ident[EI_DATA] == b->e_ident[EI_DATA];
}

/* What forbids to preload the file, with the fix; NULL: nothing that can be seen from outside. */
static const char *find_obstacle(const char *path)
{
	Elf64_Ehdr head, own;

	if (read_head(path, &head))
		return "it cannot be read; give the .so file of an allocator";
	if (memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_type != ET_DYN)
		return "it is not a shared library; give the .so file of an allocator";
	if (!read_head("/proc/self/exe", &own) && !same_machine(&head, &own))
		return "it is built for another architecture than this machine's programs; give "
		       "one for this";
	/* ld.so(8): the list in LD_PRELOAD is split there, and there is no way to quote. */
	if (strpbrk(path, ": "))
		return "LD_PRELOAD takes no path with a colon or a space; give a copy elsewhere";
	return NULL;
}

int preload_parse(const char *text, char name[PRELOAD_NAME], char path[PATH_MAX],
		  char why[PRELOAD_WHY])
{
	const char *file = text + strlen(PRELOAD);
	const char *obstacle;
	size_t length;

	if (!file[0] || !file[1]) {
		snprintf(why, PRELOAD_WHY,
			 "--allocators %s: which library? Write " PRELOAD ":/path/to/lib.so", text);
		return -EINVAL;
	}
	file++;
	length = label_length(file);
	if (length) {
		snprintf(name, PRELOAD_NAME, PRELOAD ":%.*s", (int)length, file);
		file += length + 1;
	} else {
		const char *slash = strrchr(file, '/');

		snprintf(name, PRELOAD_NAME, PRELOAD ":%s", slash ? slash + 1 : file);
	}
	if (!realpath(file, path)) {
		snprintf(why, PRELOAD_WHY,
			 "--allocators %.200s: %s; give the path of a shared library (ldconfig -p "
			 "lists those that are installed)",
			 text, strerror(errno));
		return -EINVAL;
	}
	obstacle = find_obstacle(path);
	if (obstacle)
		snprintf(why, PRELOAD_WHY, "--allocators %.200s: %s", text, obstacle);
	return obstacle ? -EINVAL : 0;
}
