/*
 * options.c - the server's command line. See options.h.
 */
#include "server/options.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#include "server/base/units.h"

#define WORKERS_MOST   4096
#define STACK_LEAST    (32u << 10)
#define STACK_MOST     (1u << 30)
#define WEBSOCKET_MOST (1u << 30)

static int set_arch(void *field, const char *value)
{
	const struct architecture *arch = arch_find(value);

	*(const struct architecture **)field = arch;
	return arch ? 0 : -EINVAL;
}

static int set_protocol(void *field, const char *value)
{
	const struct protocol *protocol = protocol_find(value);

	*(const struct protocol **)field = protocol;
	return protocol ? 0 : -EINVAL;
}

static int set_footprint(void *field, const char *value)
{
	struct named_footprint *named = field;

	named->text = value;
	return footprint_parse(value, &named->footprint);
}

static int set_release(void *field, const char *value)
{
	return release_parse(value, field);
}

static int set_tune(void *field, const char *value)
{
	return tune_add(field, value);
}

static int set_backlog(void *field, const char *value)
{
	uint64_t number = 0;
	int error = option_count(&number, value);

	if (!error && number > INT_MAX)
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = number;
	return error;
}

static int set_share(void *field, const char *value)
{
	enum share *share = field;

	if (!strcmp(value, "port"))
		*share = SHARE_PORT;
	else if (!strcmp(value, "listener"))
		*share = SHARE_LISTENER;
	else
		return -EINVAL;
	return 0;
}

/*
 * With 16K, a dialog runs over its end; the C library may want more. The most is far from any
 * address space's end.
 */
static int set_stack(void *field, const char *value)
{
	uint64_t least = MAX((uint64_t)sysconf(_SC_THREAD_STACK_MIN), STACK_LEAST);
	uint64_t size = 0;
	int error = option_size(&size, value);

	if (!error && (size < least || size > STACK_MOST))
		error = -EINVAL;
	if (!error)
		*(uint64_t *)field = size;
	return error;
}

static int set_workers(void *field, const char *value)
{
	uint64_t number = 0;
	int error = option_count(&number, value);

	if (!error && (number < 1 || number > WORKERS_MOST))
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = number;
	return error;
}

/* A message stands in one block, of up to twice its size while it grows. */
static int set_limit(void *field, const char *value)
{
	uint64_t size = 0;
	int error = option_size(&size, value);

	if (!error && (size < 1 || size > WEBSOCKET_MOST))
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = size;
	return error;
}

static int set_timeout(void *field, const char *value)
{
	int error = option_duration(field, value);

	return error ? error : *(uint64_t *)field < NS_PER_MS ? -EINVAL : 0;
}

#define EXPECTS_LIMIT "a size from 1 to 1G (for example 4K, 1M)"

#define FIELD(name) offsetof(struct server_options, name)

static const struct option_row rows[] = {
	{ "listen", "ADDRESS:PORT", FIELD(listen), option_address, EXPECTS_ADDRESS,
	  "where to accept (127.0.0.1:3033; port 0: any free one, see --status)" },
	{ "arch", "NAME", FIELD(arch), set_arch, EXPECTS_ARCH, "architecture (single)" },
	{ "workers", "COUNT", FIELD(workers), set_workers, "a whole number from 1 to 4096",
	  "threads or processes of the architecture (CPUs; uring: 1)" },
	{ "share", "port|listener", FIELD(share), set_share, "port or listener",
	  "what the workers of multi and prefork share (port)" },
	{ "stack", "SIZE", FIELD(stack), set_stack,
	  "a size from 32K (or what the C library wants, if that is more) to 1G",
	  "stack of a connection's thread, in thread (64K; at least 32K)" },
	{ "protocol", "NAME", FIELD(protocol), set_protocol, EXPECTS_PROTOCOL, "protocol (idle)" },
	{ "timeout", "TIME", FIELD(timeout), set_timeout,
	  "a time of at least 1ms, up to 2562047h (for example 250ms, 10s)",
	  "ends who is so long silent half-way, or does not read; up to a quarter later (10s)" },
	{ "websocket-limit", "SIZE", FIELD(websocket_limit), set_limit, EXPECTS_LIMIT,
	  "largest message of websocket (1088K)" },
	{ "websocket-buffers", "SIZE", FIELD(websocket_buffers), set_limit, EXPECTS_LIMIT,
	  "a read and a write buffer for each connection, for comparison" },
	{ "footprint", "LIST|PRESET", FIELD(footprint), set_footprint, EXPECTS_FOOTPRINT,
	  "what a connection holds on the heap (none)" },
	{ "release", "POLICY", FIELD(release), set_release, EXPECTS_RELEASE,
	  "when memory is handed back (native)" },
	{ "tune", "KEY=VALUE", FIELD(tune), set_tune, "KEY=VALUE",
	  "an allocator's knob, in its own terms; may be repeated" },
	{ "backlog", "COUNT", FIELD(backlog), set_backlog, "a whole number from 0 to 2147483647",
	  "length of the accept queue (as the kernel allows)" },
	{ "status", "FILE", FIELD(status), option_text, NULL, "write the status page there" },
	{ "log-every", "COUNT", FIELD(log_every), option_count, EXPECTS_COUNT,
	  "a line on stdout each time so many clients came or went" },
	{ "ready-fd", "FD", FIELD(ready_fd), option_fd, EXPECTS_FD,
	  "write a byte there when it listens: who connects then is served" },
	{ "check", NULL, FIELD(check), option_switch, NULL,
	  "apply options and knobs, prove the allocator, write to --ready-fd, and exit" },
	{ "help", NULL, FIELD(help), option_switch, NULL, "print this" },
	{ 0 },
};

static unsigned int available_cpus(void)
{
	cpu_set_t set;

	/* Fails on machines with more than CPU_SETSIZE (1024). */
	if (!sched_getaffinity(0, sizeof(set), &set))
		return (unsigned int)CPU_COUNT(&set);
	return (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
}

static const char *misplaced(const struct server_options *options)
{
	unsigned int takes = options->arch->takes;

	if (options->workers && !(takes & ARCH_WORKERS))
		return "--workers: only --arch multi, prefork, pool or uring has workers";
	if (options->share && !(takes & ARCH_SHARE))
		return "--share: only the workers of --arch multi or prefork share something";
	if (options->stack && !(takes & ARCH_STACK))
		return "--stack: only --arch thread has a stack for each connection";
	if (options->websocket_limit && !options->protocol->websocket)
		return "--websocket-limit: only --protocol websocket has messages";
	if (options->websocket_buffers && !options->protocol->websocket)
		return "--websocket-buffers: only for --protocol websocket";
	if (options->log_every && options->arch->processes)
		return "--log-every: not with --arch prefork, whose processes count apart; see "
		       "--status";
	return NULL;
}

/* Refuses what does not go together, and fills in what depends on the rest. */
static int complete(struct server_options *options, char why[OPTIONS_WHY])
{
	const char *line = misplaced(options);

	if (line) {
		snprintf(why, OPTIONS_WHY, "%s", line);
		return -EINVAL;
	}
	if (!options->workers)
		options->workers = options->arch->workers;
	if (!options->workers)
		options->workers = options->arch->takes & ARCH_WORKERS ? available_cpus() : 1;
	return 0;
}

int server_options_parse(struct server_options *options, int argc, char *const argv[],
			 char why[OPTIONS_WHY])
{
	int operand;

	memset(options, 0, sizeof(*options));
	options->ready_fd = -1;
	options->arch = &arch_single;
	options->protocol = &protocol_idle;
	options->timeout = 10 * NS_PER_S;
	options->footprint.text = "none";
	address_parse("127.0.0.1:3033", &options->listen);
	release_parse("native", &options->release);

	operand = options_parse(rows, options, argc, argv, why);
	if (operand < 0)
		return operand;
	if (operand < argc) {
		snprintf(why, OPTIONS_WHY, "'%s': not an option; --help lists them", argv[operand]);
		return -EINVAL;
	}
	return complete(options, why);
}

static void help_knobs(FILE *file)
{
	const struct allocator_knob *knob = allocator.knobs;

	fprintf(file, "\nKnobs of %s for --tune:\n", allocator.name);
	for (; knob && knob->name; knob++)
		fprintf(file, "  %-28s %-8s %s\n", knob->name,
			knob->when == KNOB_STARTUP ? "startup" : "runtime", knob->help);
	if (knob == allocator.knobs)
		fprintf(file, "  none\n");
}

void server_options_help(FILE *file)
{
	fprintf(file,
		"usage: server-%s [options]\n\n"
		"Accepts connections, speaks a protocol with them, and holds a footprint for each\n"
		"of them in the memory of %s.\n\nOptions (default):\n",
		allocator.name, allocator.name);
	options_help(rows, file);
	fprintf(file, "\nFootprints: SIZE[xCOUNT][@first-byte][@TIME],... or a preset\n");
	footprint_help(file);
	fprintf(file, "\nRelease policies\n");
	release_help(file);
	fprintf(file, "\nArchitectures\n");
	arch_help(file);
	fprintf(file, "\nProtocols\n");
	protocol_help(file);
	help_knobs(file);
}
