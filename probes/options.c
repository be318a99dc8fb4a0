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

#define EXPECTS_PERIOD "a time from 1ms to 2562047h (for example 10ms, 1s)"

#define DURATION (600 * NS_PER_S) /* of a record */

#define FIELD(name) offsetof(struct probe_options, name)

static const struct option_row rows[] = {
	{ "status", "FILE", FIELD(status), option_text, NULL,
	  "follow the server that writes this status page" },
	{ "pid", "PID", FIELD(pid), set_pid, "the number of a process (from 1 to 2147483647)",
	  "follow this process, any server; its live bytes are unknown" },
	{ "port", "PORT", FIELD(port), set_port, "a TCP port (from 1 to 65535)",
	  "follow the process that listens there" },
	{ "record", "FOLDER", FIELD(record), option_text, NULL,
	  "write samples.csv, rollups.csv, cpu.csv and threads.csv there, and at the end what eBPF "
	  "told" },
	{ "interval", "TIME", FIELD(interval), set_period, EXPECTS_PERIOD,
	  "between two samples of statm and the status page (10ms)" },
	{ "rollup", "TIME", FIELD(rollup), set_period, EXPECTS_PERIOD,
	  "between two readings of smaps_rollup, which holds the mmap lock (1s)" },
	{ "duration", "TIME", FIELD(duration), set_period, EXPECTS_PERIOD,
	  "of a record, for which room is reserved before: the probe ends when it is full (10m)" },
	{ "ready-fd", "FD", FIELD(ready_fd), option_fd, EXPECTS_FD,
	  "write a byte there when sampling begins" },
	{ "bill", NULL, FIELD(bill), option_switch, NULL,
	  "print what the server's connections cost the kernel now, and exit" },
	{ "churn", NULL, FIELD(churn), option_switch, NULL,
	  "also count what accept and close allocate and free, by slab cache; costs at each "
	  "slab allocation of the machine" },
	{ "no-bpf", NULL, FIELD(no_bpf), option_switch, NULL,
	  "sample /proc only, attach nothing to the kernel; with --bill: ask sock_diag" },
	{ "help", NULL, FIELD(help), option_switch, NULL, "print this" },
	{ 0 },
};

/* Returns what is wrong with them taken together, or NULL. */
static const char *check(const struct probe_options *options)
{
	int servers = !!options->pid + !!options->port + !!options->status;

	if (!servers)
		return "say which server: --status FILE, --pid PID or --port PORT";
	if (servers > 1)
		return "--status, --pid and --port each name the server: give one of them";
	if (options->bill && options->record)
		return "--bill prints and exits, it records nothing; for a bill.csv leave it out";
	if (options->bill && options->churn)
		return "--churn counts while the probe runs, and --bill exits at once: give one";
	if (options->duration && !options->record)
		return "--duration is that of a record: give --record FOLDER as well, or leave it "
		       "out; without one the probe runs until the server ends";
	return NULL;
}

int probe_options_parse(struct probe_options *options, int argc, char *const argv[],
			char why[OPTIONS_WHY])
{
	const char *complaint;
	int operand;

	memset(options, 0, sizeof(*options));
	options->interval = 10 * NS_PER_MS;
	options->rollup = NS_PER_S;
	options->ready_fd = -1;
	operand = options_parse(rows, options, argc, argv, why);
	if (operand < 0)
		return operand;
	if (operand < argc) {
		snprintf(why, OPTIONS_WHY, "'%s': not an option; --help lists them", argv[operand]);
		return -EINVAL;
	}
	complaint = options->help ? NULL : check(options);
	if (complaint) {
		snprintf(why, OPTIONS_WHY, "%s", complaint);
		return -EINVAL;
	}
	if (options->record && !options->duration)
		options->duration = DURATION;
	return 0;
}

void probe_options_help(FILE *file)
{
	fprintf(file, "usage: probe --status FILE|--pid PID|--port PORT [options]\n\n"
		      "Follows a server's memory until it ends, or until SIGINT or SIGTERM; with "
		      "--record at most\nfor --duration.\n\nOptions (default):\n");
	options_help(rows, file);
}
