/*
 * options.c - the probe's command line. See options.h.
 */
#include "probes/options.h"

#include <errno.h>
#include <string.h>

#include "server/base/units.h"

static int set_period(void *field, const char *value)
{
	uint64_t period = 0;
	int error = option_duration(&period, value);

	if (!error && period < NS_PER_MS)
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = period;
	return error;
}

static int set_pid(void *field, const char *value)
{
	uint64_t pid = 0;
	int error = option_count(&pid, value);

	if (!error && (!pid || pid > INT32_MAX))
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = pid;
	return error;
}

static int set_port(void *field, const char *value)
{
	uint64_t port = 0;
	int error = option_count(&port, value);

	if (!error && (!port || port > UINT16_MAX))
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = port;
	return error;
}

#define FIELD(name) offsetof(struct probe_options, name)

static const struct option_row rows[] = {
	{ "status", "FILE", FIELD(status), option_text, NULL,
	  "follow the server that writes this status page" },
	{ "pid", "PID", FIELD(pid), set_pid, "the number of a process",
	  "follow this process, any server; without --status its live bytes are unknown" },
	{ "port", "PORT", FIELD(port), set_port, "a TCP port",
	  "follow the process that listens there" },
	{ "record", "FOLDER", FIELD(record), option_text, NULL,
	  "write samples.csv, rollups.csv and what eBPF tells there at the end" },
	{ "interval", "TIME", FIELD(interval), set_period, EXPECTS_DURATION,
	  "between two samples of statm and the status page (10ms)" },
	{ "rollup", "TIME", FIELD(rollup), set_period, EXPECTS_DURATION,
	  "between two readings of smaps_rollup, which holds the mmap lock (1s)" },
	{ "duration", "TIME", FIELD(duration), set_period, EXPECTS_DURATION,
	  "room for so much is reserved before sampling begins (10m)" },
	{ "ready-fd", "FD", FIELD(ready_fd), option_fd, EXPECTS_FD,
	  "write a byte there when sampling begins" },
	{ "bill", NULL, FIELD(bill), option_switch, NULL,
	  "print what the server's connections cost the kernel now, and exit" },
	{ "churn", NULL, FIELD(churn), option_switch, NULL,
	  "also count what accept and close allocate and free, by slab cache; costs at each "
	  "slab allocation of the machine" },
	{ "no-bpf", NULL, FIELD(no_bpf), option_switch, NULL,
	  "sample /proc only, attach nothing to the kernel" },
	{ "help", NULL, FIELD(help), option_switch, NULL, "print this" },
	{ 0 },
};

int probe_options_parse(struct probe_options *options, int argc, char *const argv[],
			char why[OPTIONS_WHY])
{
	int operand;

	memset(options, 0, sizeof(*options));
	options->interval = 10 * NS_PER_MS;
	options->rollup = NS_PER_S;
	options->duration = 600 * NS_PER_S;
	options->ready_fd = -1;
	operand = options_parse(rows, options, argc, argv, why);
	if (operand < 0)
		return operand;
	if (operand < argc) {
		snprintf(why, OPTIONS_WHY, "'%s': not an option; --help lists them", argv[operand]);
		return -EINVAL;
	}
	if (!options->help && !options->pid && !options->port && !options->status) {
		snprintf(why, OPTIONS_WHY,
			 "say which server: --status FILE, --pid PID or --port PORT");
		return -EINVAL;
	}
	return 0;
}

void probe_options_help(FILE *file)
{
	fprintf(file,
		"Follows a server's memory until it ends, or until SIGINT or SIGTERM.\n\nOptions "
		"(default):\n");
	options_help(rows, file);
}
