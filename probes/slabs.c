/*
 * slabs.c - object sizes from /proc/slabinfo. See slabs.h.
 */
#include "probes/slabs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *cache;
	enum bill_role role;
} usual[] = {
	{ "TCP", ROLE_SOCK },
	{ "sock_inode_cache", ROLE_SOCKET_INODE },
	{ "filp", ROLE_FILE },
	{ "dentry", ROLE_DENTRY },
	{ "eventpoll_epi", ROLE_EPITEM },
	{ "eventpoll_pwq", ROLE_POLL_QUEUE },
	{ "ep_head", ROLE_EPOLL_HEAD },
	{ "lsm_inode_cache", ROLE_SECURITY_INODE },
	{ "lsm_file_cache", ROLE_SECURITY_FILE },
	{ "io_kiocb", ROLE_RING_REQUEST },
	/* Of 72 bytes, and of 300 to 500; these have no caches of their own. */
	{ "kmalloc-96", ROLE_RING_POLL },
	{ "kmalloc-512", ROLE_RING_ASYNC_DATA },
	{ "tcp_bind_bucket", ROLE_BIND_BUCKET },
	{ "tcp_bind2_bucket", ROLE_BIND2_BUCKET },
};

void slabs_known_bytes(uint32_t bytes[ROLES])
{
	FILE *file = fopen("/proc/slabinfo", "re");
	unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);
	unsigned long objects, pages;
	char line[512], name[64];

	memset(bytes, 0, ROLES * sizeof(bytes[0]));
	if (!file)
		return;
	/* name, active, all, object size, objects a slab, pages a slab: see slabinfo(5) */
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %*u %*u %*u %lu %lu", name, &objects, &pages) != 3 ||
		    !objects)
			continue;
		for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
			if (!strcmp(name, usual[i].cache))
				bytes[usual[i].role] = (uint32_t)(pages * page / objects);
	}
	fclose(file);
}
