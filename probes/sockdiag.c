/*
 * sockdiag.c - TCP sockets as sock_diag tells them. See sockdiag.h.
 */
#include "probes/sockdiag.h"

#include <dirent.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER 32768 /* netlink sends no more at once */

/* --- asking ------------------------------------------------------------------------------------
 */

static int ask(int fd, uint8_t family)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 what;
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.what = { .sdiag_family = family,
			  .sdiag_protocol = IPPROTO_TCP,
			  .idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1),
			  .idiag_states = ~0u },
	};

	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

static void read_endpoint(struct endpoint *endpoint, uint8_t family, const __be32 address[4],
			  __be16 port)
{
	memset(endpoint, 0, sizeof(*endpoint));
	endpoint->port = ntohs(port);
	if (family == AF_INET6) {
		memcpy(endpoint->address.byte, address, 16);
	} else if (address[0]) {
		endpoint->address.byte[10] = endpoint->address.byte[11] = 0xff;
		memcpy(endpoint->address.byte + 12, address, 4);
	}
}

static void read_memory(struct sockdiag_socket *socket, const struct inet_diag_msg *message,
			size_t length)
{
	const struct rtattr *attribute = (const struct rtattr *)(message + 1);

	for (; RTA_OK(attribute, length); attribute = RTA_NEXT(attribute, length)) {
		const uint32_t *memory = RTA_DATA(attribute);

		if (attribute->rta_type != INET_DIAG_SKMEMINFO ||
		    RTA_PAYLOAD(attribute) <= SK_MEMINFO_WMEM_QUEUED * sizeof(*memory))
			continue;
		socket->whole = true;
		socket->receive_queue = memory[SK_MEMINFO_RMEM_ALLOC];
		socket->send_queue = memory[SK_MEMINFO_WMEM_QUEUED];
		socket->forward_alloc = memory[SK_MEMINFO_FWD_ALLOC];
	}
}

static void read_socket(struct sockdiag_socket *socket, const struct nlmsghdr *head)
{
	const struct inet_diag_msg *message = NLMSG_DATA(head);

	memset(socket, 0, sizeof(*socket));
	read_endpoint(&socket->local, message->idiag_family, message->id.idiag_src,
		      message->id.idiag_sport);
	read_endpoint(&socket->remote, message->idiag_family, message->id.idiag_dst,
		      message->id.idiag_dport);
	socket->state = message->idiag_state;
	socket->inode = message->idiag_inode;
	read_memory(socket, message, head->nlmsg_len - NLMSG_LENGTH(sizeof(*message)));
}

/* Reads the whole answer. */
static int answer(int fd, void (*each)(void *, const struct sockdiag_socket *), void *context)
{
	_Alignas(struct nlmsghdr) char text[ANSWER];
	struct sockdiag_socket socket;

	for (;;) {
		ssize_t got = recv(fd, text, sizeof(text), 0);
		size_t length = got > 0 ? (size_t)got : 0;
		const struct nlmsghdr *head = (const struct nlmsghdr *)text;

		if (got <= 0)
			return got ? -errno : -EPIPE;
		for (; NLMSG_OK(head, length); head = NLMSG_NEXT(head, length)) {
			if (head->nlmsg_type == NLMSG_DONE)
				return 0;
			if (head->nlmsg_type == NLMSG_ERROR)
				return ((const struct nlmsgerr *)NLMSG_DATA(head))->error;
			read_socket(&socket, head);
			each(context, &socket);
		}
	}
}

int sockdiag_each(void (*each)(void *context, const struct sockdiag_socket *socket), void *context)
{
	const uint8_t families[] = { AF_INET, AF_INET6 };
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int error = 0;

	if (fd < 0)
		return -errno;
	for (size_t i = 0; !error && i < sizeof(families); i++) {
		error = ask(fd, families[i]);
		if (!error)
			error = answer(fd, each, context);
	}
	close(fd);
	return error;
}

/* --- where a process listens -------------------------------------------------------------------
 */

struct search {
	uint32_t *inodes; /* of the process's sockets */
	size_t inode_count;
	struct endpoint *endpoints;
	size_t count, room;
};

static int add_inode(struct search *search, uint32_t inode)
{
	size_t bytes = (search->inode_count + 1) * sizeof(inode);
	uint32_t *grown = realloc(search->inodes, bytes);

	if (!grown)
		return -ENOMEM;
	search->inodes = grown;
	search->inodes[search->inode_count++] = inode;
	return 0;
}

static int read_inodes(struct search *search, uint32_t pid)
{
	char path[64], target[64];
	struct dirent *entry;
	int error = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	folder = opendir(path);
	if (!folder)
		return -errno;
	while (!error && (entry = readdir(folder))) {
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, target,
					    sizeof(target) - 1);
		uint32_t inode;

		if (length < 0)
			continue;
		target[length] = '\0';
		if (sscanf(target, "socket:[%u]", &inode) == 1)
			error = add_inode(search, inode);
	}
	closedir(folder);
	return error;
}

static bool has_inode(const struct search *search, uint32_t inode)
{
	for (size_t i = 0; i < search->inode_count; i++)
		if (search->inodes[i] == inode)
			return true;
	return false;
}

static void note_listener(void *context, const struct sockdiag_socket *socket)
{
	struct search *search = context;

	if (socket->state != SOCKDIAG_LISTEN || !has_inode(search, socket->inode))
		return;
	if (search->count < search->room)
		search->endpoints[search->count] = socket->local;
	search->count++;
}

int sockdiag_endpoints(uint32_t pid, struct endpoint *endpoints, size_t room)
{
	struct search search = { .endpoints = endpoints, .room = room };
	int error = read_inodes(&search, pid);

	if (!error)
		error = sockdiag_each(note_listener, &search);
	free(search.inodes);
	return error ? error : (int)search.count;
}

int sockdiag_holds(uint32_t pid, const uint32_t *sockets, size_t count)
{
	struct search search = { 0 };
	int result = read_inodes(&search, pid);

	for (size_t i = 0; !result && i < count; i++)
		result = has_inode(&search, sockets[i]);
	free(search.inodes);
	return result;
}
