/*
 * limits.c - whether this machine allows what was asked. See limits.h.
 */
#include "pulse/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "server/base/process.h"
#include "server/base/units.h"

/* Descriptors that are not connections: standard streams, epoll, signals, record, inherited. */
#define OTHER_FDS 16

/* Ports below 1024 are not for everybody. */
#define LOWEST_PORT  1024
#define HIGHEST_PORT 65535

/* TCP_TIMEWAIT_LEN of include/net/tcp.h: fixed in the kernel. */
#define TIME_WAIT (60 * NS_PER_S)

#define IPV4 "/proc/sys/net/ipv4/"

bool limits_is_loopback(const struct address *address)
{
	if (address->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
	return ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

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

int limits_read(struct limits *limits, bool loopback)
{
	int64_t fds = process_raise_fd_limit();

	if (fds < 0)
		return (int)fds;
	limits->fds = (uint64_t)fds;
	read_port_range(limits);
	limits->port_hold = read_port_hold(loopback);
	limits->files = read_or("/proc/sys/fs/file-max", UINT64_MAX);
	limits->files_used = read_or("/proc/sys/fs/file-nr", 0);
	limits->backlog = read_or("/proc/sys/net/core/somaxconn", UINT64_MAX);
	return 0;
}

static bool ports_are_short(const struct limits *limits, const struct demand *demand,
			    char text[LIMITS_TEXT])
{
	uint64_t ports = limits->port_high - limits->port_low + 1;
	bool waiting = demand->ports > demand->connections;
	const char *remedy = "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"";

	if (demand->ports <= ports)
		return false;
	if (demand->ports > HIGHEST_PORT - LOWEST_PORT + 1)
		remedy = waiting ? "sysctl -w net.ipv4.tcp_tw_reuse=1, or longer gaps"
				 : "one destination has no more than 64512; ask for less";
	snprintf(text, LIMITS_TEXT,
		 "net.ipv4.ip_local_port_range has %" PRIu64 " source ports, %" PRIu64
		 " are needed at once%s: %s",
		 ports, demand->ports,
		 waiting ? " (closed ones hold theirs for 60 s in TIME_WAIT)" : "", remedy);
	return true;
}

int limits_judge(const struct limits *limits, const struct demand *demand, char text[LIMITS_TEXT])
{
	uint64_t fds = demand->connections + OTHER_FDS;
	uint64_t files = limits->files_used + fds + (demand->local ? demand->connections : 0);

	if (fds > limits->fds)
		snprintf(text, LIMITS_TEXT,
			 "RLIMIT_NOFILE lets pulse have %" PRIu64 " open files, %" PRIu64
			 " are needed for %" PRIu64 " connections at once: ulimit -n %" PRIu64
			 " (as root where the hard limit is lower)",
			 limits->fds, fds, demand->connections, fds);
	else if (files > limits->files)
		snprintf(text, LIMITS_TEXT,
			 "fs.file-max lets this machine have %" PRIu64 " open files, %" PRIu64
			 " are needed with the %" PRIu64 " in use: sysctl -w fs.file-max=%" PRIu64,
			 limits->files, files, limits->files_used, files);
	else if (!ports_are_short(limits, demand, text))
		return 0;
	return -ENOBUFS;
}

void limits_note_backlog(const struct limits *limits, const struct demand *demand,
			 char text[LIMITS_TEXT])
{
	text[0] = '\0';
	if (!demand->local || demand->paced || demand->burst <= limits->backlog)
		return;
	snprintf(text, LIMITS_TEXT,
		 "net.core.somaxconn is %" PRIu64 ", less than a burst of %" PRIu64
		 ": a server that lags further behind makes connects wait for a second; "
		 "sysctl -w net.core.somaxconn=%" PRIu64,
		 limits->backlog, demand->burst, demand->burst);
}
