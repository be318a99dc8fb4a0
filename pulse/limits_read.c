/*
 * limits_read.c - the limits of this machine, from /proc. See limits.h.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "pulse/limits.h"
#include "server/base/process.h"
#include "server/base/units.h"

/* Ports below 1024 are not for everybody. */
#define LOWEST_PORT  1024
#define HIGHEST_PORT 65535

/* TCP_TIMEWAIT_LEN of include/net/tcp.h: fixed in the kernel. */
#define TIME_WAIT (60 * NS_PER_S)

#define SYSCTL	  "/proc/sys/"
#define IPV4	  SYSCTL "net/ipv4/"
#define CONNTRACK SYSCTL "net/netfilter/nf_conntrack_"

static uint64_t read_or(const char *path, uint64_t otherwise)
{
	uint64_t number;

	return process_read_number(path, &number) ? otherwise : number;
}

static void read_port_range(struct limits *limits)
{
	FILE *file = fopen(IPV4 "ip_local_port_range", "re");
	unsigned int low, high;

	limits->port_low = LOWEST_PORT;
	limits->port_high = HIGHEST_PORT;
	if (!file)
		return;
	if (fscanf(file, "%u %u", &low, &high) == 2) {
		limits->port_low = low;
		limits->port_high = high;
	}
	fclose(file);
}

/* Of the range, as in "8080,9148-9150" (ip-sysctl.rst of the kernel). */
static void read_reserved_ports(struct limits *limits)
{
	FILE *file = fopen(IPV4 "ip_local_reserved_ports", "re");
	unsigned int first, last;

	limits->ports_reserved = 0;
	while (file && fscanf(file, "%u", &first) == 1) {
		if (fscanf(file, "-%u", &last) != 1)
			last = first;
		for (uint64_t port = first; port <= last; port++)
			if (limits->port_low <= port && port <= limits->port_high)
				limits->ports_reserved++;
		if (fgetc(file) != ',')
			break;
	}
	if (file)
		fclose(file);
}

/*
 * The side that closes first keeps the port in TIME_WAIT. With time stamps, connect() may take such
 * a port again after a second: tcp_tw_reuse 1 everywhere, 2 on loopback (tcp_twsk_unique() in
 * net/ipv4/tcp_ipv4.c). That second is not held against a schedule.
 */
static uint64_t read_port_hold(bool loopback)
{
	uint64_t reuse = read_or(IPV4 "tcp_tw_reuse", 2);
	uint64_t stamps = read_or(IPV4 "tcp_timestamps", 1);

	return stamps && (reuse == 1 || (reuse == 2 && loopback)) ? 0 : TIME_WAIT;
}

/* A datagram to itself on loopback is a flow as well. */
static void make_a_flow(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (!bind(fd, (struct sockaddr *)&address, length) &&
	    !getsockname(fd, (struct sockaddr *)&address, &length) &&
	    sendto(fd, "", 1, MSG_DONTWAIT, (struct sockaddr *)&address, length) < 0)
		errno = 0; /* Then no flow is counted, which is all that is asked. */
	close(fd);
}

/*
 * The module's limits are there also where no rule asks it to follow anything
 * (nf_ct_netns_get() in net/netfilter/nf_conntrack_proto.c).
 */
static void read_conntrack(struct limits *limits)
{
	limits->flows = read_or(CONNTRACK "max", 0);
	if (limits->flows)
		make_a_flow();
	limits->flows_used = read_or(CONNTRACK "count", 0);
	if (!limits->flows || !limits->flows_used)
		limits->flows = UINT64_MAX;
}

int limits_read(struct limits *limits, bool loopback)
{
	int64_t fds = process_raise_fd_limit();

	if (fds < 0)
		return (int)fds;
	limits->fds = (uint64_t)fds;
	limits->fds_most = read_or(SYSCTL "fs/nr_open", UINT64_MAX);
	read_port_range(limits);
	read_reserved_ports(limits);
	limits->port_hold = read_port_hold(loopback);
	limits->files = read_or(SYSCTL "fs/file-max", UINT64_MAX);
	limits->files_used = read_or(SYSCTL "fs/file-nr", 0);
	limits->watches = read_or(SYSCTL "fs/epoll/max_user_watches", UINT64_MAX);
	read_conntrack(limits);
	limits->memory = UINT64_MAX;
	limits->backlog = read_or(SYSCTL "net/core/somaxconn", UINT64_MAX);
	return 0;
}
