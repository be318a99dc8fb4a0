/*
 * preflight.c - from what was asked to what it takes. See preflight.h.
 */
#include "pulse/preflight.h"

#include <stdio.h>
#include <string.h>
#include <sys/param.h>

/* All of them reach a server on loopback (the local routing table has the whole network). */
#define LOOPBACK_NETWORK "127.0.0.0/8"

static struct demand demand_of(const struct pulse_options *options, const struct limits *limits)
{
	const struct schedule *schedule = &options->schedule;
	struct demand demand = {
		.burst = MAX(schedule->bursts ? schedule->burst : 0, schedule->trickle),
		.connections = schedule_peak(schedule),
		.local = limits_is_loopback(&options->connect),
		.paced = options->rate > 0,
	};

	demand.ports = demand.connections;
	if (limits->port_hold)
		demand.ports = schedule_ports(schedule, limits->port_hold, options->rate);
	return demand;
}

/*
 * Where nobody asked for it, the kernel chooses the source while half of one address's ports are
 * enough. Its search tries all ports of one parity before the first of the other
 * (__inet_hash_connect() in net/ipv4/inet_hashtables.c): beyond half, every connect() walks through
 * those that are taken; 28,000 from one address took 87 s instead of 0.75.
 */
static struct sources choose_sources(const struct pulse_options *options,
				     const struct limits *limits, const struct demand *demand)
{
	struct sources sources = options->sources;
	uint64_t ports = limits_ports(limits);

	if (!sources.count && demand->ports > ports / 2 && demand->local &&
	    options->connect.any.sa_family == AF_INET)
		sources_parse(LOOPBACK_NETWORK, &sources);
	if (sources.count)
		sources_narrow(&sources, demand->ports, ports);
	return sources;
}

int preflight(struct preflight *preflight, const struct pulse_options *options,
	      const struct available *available)
{
	struct limits limits;
	struct demand demand;
	int error = limits_read(&limits, limits_is_loopback(&options->connect));

	if (error) {
		snprintf(preflight->text, LIMITS_TEXT, "cannot raise the limit of open files: %s",
			 strerror(-error));
		return error;
	}
	demand = demand_of(options, &limits);
	preflight->sources = choose_sources(options, &limits, &demand);
	demand.sources = MAX(preflight->sources.count, 1);
	if (!crew_plan_make(&preflight->plan, &options->schedule, (uint32_t)options->loops,
			    limits.fds))
		demand.workers = preflight->plan.workers;
	demand.fds = crew_fds(&preflight->plan);
	limits.memory = available_read(available);
	preflight->floor = options->memory_floor == PULSE_DEFAULT_FLOOR
				   ? available_default_floor(available)
				   : options->memory_floor;
	demand.floor = preflight->floor;
	error = limits_judge(&limits, &demand, preflight->text);
	if (!error)
		limits_note_backlog(&limits, &demand, preflight->text);
	return error;
}
