/*
 * listens.c - who listens on which TCP port. See listens.h.
 *
 * From /proc/net/tcp and tcp6 (proc_pid_net(5)), where listening sockets stand first, and from the
 * links in /proc/PID/fd to their inodes.
 */
#include "analysis/listens.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analysis/descendants.h"

#define SOCKETS	     1024 /* that listen on this machine, at the most */
#define PROCESSES    1024 /* of one server, at the most */
#define STATE_LISTEN 10	  /* TCP_LISTEN, include/net/tcp_states.h */

/* The kernel prints an address as 32-bit words in its own byte order. */
static bool parse_address(const char *hex, struct in6_addr *address)
{
	uint32_t words[4] = { 0, 0, htonl(0xffff), 0 };
	size_t length = strlen(hex);

	if (length == 8)
		return sscanf(hex, "%8x", &words[3]) == 1 &&
		       memcpy(address, words, sizeof(*address));
	return length == 32 &&
	       sscanf(hex, "%8x%8x%8x%8x", &words[0], &words[1], &words[2], &words[3]) == 4 &&
	       memcpy(address, words, sizeof(*address));
}

static size_t read_table(const char *path, struct listens *sockets, size_t room)
{
	FILE *file = fopen(path, "re");
	char line[512], hex[40];
	unsigned int port, state = STATE_LISTEN;
	size_t count = 0;

	if (!file)
		return 0;
	if (!fgets(line, sizeof(line), file)) /* the head */
		room = 0;
	while (count < room && fgets(line, sizeof(line), file)) {
		struct listens *socket = &sockets[count];

		if (sscanf(line,
			   " %*d: %39[0-9A-F]:%4X %*[0-9A-F]:%*4X %2X %*s %*s %*s %*u %*u %lu", hex,
			   &port, &state, &socket->inode) != 4)
			continue;
		if (state != STATE_LISTEN)
			break;
		socket->port = (uint16_t)port;
		count += parse_address(hex, &socket->address);
	}
	fclose(file);
	return count;
}

/* Sets the pid of those sockets that are among the descriptors of this process and nobody's yet. */
static void claim(pid_t pid, struct listens *sockets, size_t count)
{
	char path[32], link[64];
	struct dirent *entry;
	unsigned long inode;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, link, sizeof(link) - 1);

		link[length > 0 ? length : 0] = '\0';
		if (sscanf(link, "socket:[%lu]", &inode) != 1)
			continue;
		for (size_t i = 0; i < count; i++)
			if (sockets[i].inode == inode && !sockets[i].pid)
				sockets[i].pid = pid;
	}
	if (folder)
		closedir(folder);
}

int listens_below(pid_t root, struct listens *found, size_t room)
{
	static const char *const tables[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	struct listens sockets[SOCKETS] = { 0 };
	pid_t pids[PROCESSES];
	int processes = descendants_of(root, pids, PROCESSES);
	size_t count = 0, kept = 0;

	if (processes < 0)
		return processes;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		count += read_table(tables[i], sockets + count, SOCKETS - count);
	/* Parents come before their children. */
	for (int i = 0; i < processes; i++)
		claim(pids[i], sockets, count);
	for (size_t i = 0; i < count && kept < room; i++)
		if (sockets[i].pid)
			found[kept++] = sockets[i];
	return (int)kept;
}

static bool is_v4(const struct in6_addr *address)
{
	return IN6_IS_ADDR_V4MAPPED(address);
}

const char *listens_reach(const struct listens *listens, char text[LISTENS_TEXT])
{
	const uint8_t *bytes = listens->address.s6_addr;

	/* :: takes IPv4 as well, but where IPV6_V6ONLY is set; then pulse is refused. */
	if (IN6_IS_ADDR_UNSPECIFIED(&listens->address) ||
	    (is_v4(&listens->address) && !memcmp(bytes + 12, "\0\0\0\0", 4)))
		snprintf(text, LISTENS_TEXT, "127.0.0.1:%u", listens->port);
	else if (IN6_IS_ADDR_LOOPBACK(&listens->address) ||
		 (is_v4(&listens->address) && bytes[12] == 127))
		listens_describe(listens, text);
	else
		return NULL;
	return text;
}

const char *listens_describe(const struct listens *listens, char text[LISTENS_TEXT])
{
	bool v4 = is_v4(&listens->address);
	char address[INET6_ADDRSTRLEN];

	inet_ntop(v4 ? AF_INET : AF_INET6, listens->address.s6_addr + (v4 ? 12 : 0), address,
		  sizeof(address));
	snprintf(text, LISTENS_TEXT, v4 ? "%s:%u" : "[%s]:%u", address, listens->port);
	return text;
}
