/*
 * limits.c - whether this machine allows what was asked. See limits.h.
 */
#include "pulse/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/param.h>

#include "server/base/units.h"

/* Without those below 1024, which are not for everybody. */
#define MOST_PORTS 64512

bool limits_is_loopback(const struct address *address)
{
	if (address->any.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
	return ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

uint64_t limits_ports(const struct limits *limits)
{
	return limits->port_high - limits->port_low + 1 - limits->ports_reserved;
}

static bool descriptors_are_short(const struct limits *limits, const struct demand *demand,
				  char text[LIMITS_TEXT])
{
	char first[64] = "";

	if (demand->workers)
		return false;
	if (demand->fds > limits->fds_most)
		snprintf(first, sizeof(first), "sysctl -w fs.nr_open=%" PRIu64 " && ", demand->fds);
	snprintf(text, LIMITS_TEXT,
		 "RLIMIT_NOFILE lets a process have %" PRIu64
		 " open files, too few to share %" PRIu64
		 " connections among processes: %sulimit -n %" PRIu64
		 " (as root where the hard limit is lower)",
		 limits->fds, demand->connections, first, demand->fds);
	return true;
}

/* A sysctl that bounds a number of things. */
struct bound {
	const char *name;
	uint64_t allowed;
	uint64_t used; /* already, by others */
	uint64_t needed;
	const char *things;
};

static bool bound_is_short(const struct bound *bound, char text[LIMITS_TEXT])
{
	uint64_t needed = bound->used + bound->needed;
	char used[48] = "";

	if (needed <= bound->allowed)
		return false;
	if (bound->used)
		snprintf(used, sizeof(used), " (with %" PRIu64 " in use)", bound->used);
	snprintf(text, LIMITS_TEXT,
		 "%s is %" PRIu64 ", %" PRIu64 " %s are needed%s: sysctl -w %s=%" PRIu64,
		 bound->name, bound->allowed, needed, bound->things, used, bound->name, needed);
	return true;
}

static bool ports_are_short(const struct limits *limits, const struct demand *demand,
			    char text[LIMITS_TEXT])
{
	uint64_t ports = limits_ports(limits) * demand->sources;
	bool waiting = demand->ports > demand->connections;
	const char *remedy = "sysctl -w net.ipv4.ip_local_port_range=\"1024 65535\"";

	if (demand->ports <= ports)
		return false;
	if (demand->ports > MOST_PORTS * demand->sources)
		remedy = waiting ? "sysctl -w net.ipv4.tcp_tw_reuse=1, longer gaps, or "
				   "--source-range with more addresses of this machine"
				 : "--source-range with more addresses of this machine";
	snprintf(text, LIMITS_TEXT,
		 "net.ipv4.ip_local_port_range%s has %" PRIu64 " source ports for %" PRIu64
		 " source address%s, %" PRIu64 " are needed at once%s: %s",
		 limits->ports_reserved ? " less ip_local_reserved_ports" : "",
		 limits_ports(limits), demand->sources, demand->sources == 1 ? "" : "es",
		 demand->ports, waiting ? " (closed ones hold theirs for 60 s in TIME_WAIT)" : "",
		 remedy);
	return true;
}

static bool memory_is_short(const struct limits *limits, const struct demand *demand,
			    char text[LIMITS_TEXT])
{
	uint64_t each = demand->local ? LIMITS_BYTES_OF_PAIR : LIMITS_BYTES_OF_END;
	uint64_t left = limits->memory - MIN(limits->memory, demand->floor);
	char available[32], needed[32], floor[32], remedy[96];

	if (demand->connections <= left / each)
		return false;
	if (left < each)
		snprintf(remedy, sizeof(remedy), "lower --memory-floor, or free memory");
	else
		snprintf(remedy, sizeof(remedy),
			 "ask for %" PRIu64 " at once, or for less with --memory-floor",
			 left / each);
	snprintf(text, LIMITS_TEXT,
		 "%s of memory are available; %" PRIu64
		 " connections take %s of it in the kernel, and %s are to stay: %s",
		 format_size(available, sizeof(available), (double)limits->memory),
		 demand->connections,
		 format_size(needed, sizeof(needed), (double)(demand->connections * each)),
		 format_size(floor, sizeof(floor), (double)demand->floor), remedy);
	return true;
}

int limits_judge(const struct limits *limits, const struct demand *demand, char text[LIMITS_TEXT])
{
	uint64_t ends = demand->connections * (demand->local ? 2 : 1);
	const struct bound files = {
		"fs.file-max",	    limits->files,
		limits->files_used, demand->workers * demand->fds + ends - demand->connections,
		"open files",
	};
	const struct bound watches = {
		"fs.epoll.max_user_watches", limits->watches, 0, ends, "descriptors in epolls",
	};
	const struct bound flows = {
		"net.netfilter.nf_conntrack_max",
		limits->flows,
		limits->flows_used,
		demand->connections,
		"followed connections",
	};

	if (descriptors_are_short(limits, demand, text) || bound_is_short(&files, text) ||
	    bound_is_short(&watches, text) || ports_are_short(limits, demand, text) ||
	    bound_is_short(&flows, text) || memory_is_short(limits, demand, text))
		return -ENOBUFS;
	return 0;
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
