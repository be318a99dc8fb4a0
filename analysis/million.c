/*
 * million.c - `tidemark million`. See million.h.
 *
 * First whether the limits allow it, then a small pass that tells the bill, and so whether the
 * memory does; then, in turns, the bare pair and our own, cold and warm.
 */
#include "analysis/million.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analysis/child.h"
#include "analysis/document.h"
#include "analysis/million_result.h"
#include "server/base/process.h"
#include "server/base/units.h"

#define SMALL	   2000 /* connections that tell the bill */
#define SMALL_HOLD (5 * NS_PER_S)
#define LEAST_HOLD (5 * NS_PER_S) /* the readings need a moment, more on a busy machine */

int million_wait(const struct million *million, int ms)
{
	struct pollfd signals = { .fd = million->signals, .events = POLLIN };

	return poll(&signals, 1, ms) > 0 ? -EINTR : 0;
}

static int make_directory(struct million *million, char why[MILLION_WHY])
{
	const char *runs = million->options.runs;
	time_t now = time(NULL);
	char stamp[32];
	struct tm utc;

	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	if (snprintf(million->directory, PATH_MAX, "%s/%s-million-%d", runs, stamp, getpid()) <
		    PATH_MAX &&
	    (!mkdir(runs, 0755) || errno == EEXIST) && !mkdir(million->directory, 0755))
		return 0;
	snprintf(why, MILLION_WHY, "--runs %.300s: %s", runs, strerror(errno));
	return -errno;
}

static uint64_t read_ports(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	unsigned int low = 32768, high = 60999;

	if (file) {
		if (fscanf(file, "%u %u", &low, &high) != 2)
			high = low;
		fclose(file);
	}
	return (uint64_t)(high - low) + 1;
}

static int plan(struct million *million, char why[MILLION_WHY])
{
	int64_t fds = process_raise_fd_limit();

	if (fds > 0 && !million_plan_make(&million->plan, million->options.connections,
					  (uint64_t)fds, read_ports()))
		return 0;
	snprintf(why, MILLION_WHY,
		 "a process may have %" PRId64 " files open, too few for %" PRIu64
		 " connections: ulimit -n 20000",
		 fds, million->options.connections);
	return 1;
}

/* By the bill: pulse's own check has reckoned with what a pair takes elsewhere. */
static int check_memory(const struct million *million, const struct million_bill *bill,
			char why[MILLION_WHY])
{
	double pair = isnan(bill->pair) ? MILLION_PAIR : bill->pair;
	double needed = (pair + MILLION_USER) * (double)million->options.connections +
			(double)million->options.memory_floor;
	char available_text[32], needed_text[32];
	struct million_memory memory;

	million_memory_read(&memory);
	if (needed <= (double)memory.available)
		return 0;
	snprintf(why, MILLION_WHY,
		 "%s of memory are available, and %s are needed (%.0f bytes a pair in the kernel, "
		 "%d in the programs, and --memory-floor): --connections %.0f",
		 format_size(available_text, sizeof(available_text), (double)memory.available),
		 format_size(needed_text, sizeof(needed_text), needed), pair, MILLION_USER,
		 MAX(((double)memory.available - (double)million->options.memory_floor) /
			     (pair + MILLION_USER),
		     0));
	return 1;
}

static int run_state(const struct million *million, struct million_result *result,
		     enum million_state state, char why[MILLION_WHY])
{
	static const char *const names[MILLION_STATES][2] = { { "cold-bare", "cold" },
							      { "warm-bare", "warm" } };
	const struct million_options *options = &million->options;
	bool last = state == (options->warm ? MILLION_WARM : MILLION_COLD);
	struct million_bare *bare = &result->bares[state];
	struct million_pass *pass = &result->passes[state];
	int error = 0;

	bare->name = names[state][0];
	*pass = (struct million_pass){ .name = names[state][1],
				       .connections = options->connections,
				       .hold = last ? MAX(options->hold, LEAST_HOLD) : LEAST_HOLD };
	if (state == MILLION_WARM)
		pass->warm = bare->warm = options->connections * (MILLION_PAIR + MILLION_USER);
	process_say("%s: %" PRIu64 " connections", pass->name, options->connections);
	if (options->peers)
		error = million_bare_run(bare, million, why);
	return error ? error : million_pass_run(pass, million, why);
}

static int run(const struct million *million, struct million_result *result, char why[MILLION_WHY])
{
	struct million_pass small = {
		.name = "small",
		.connections = MIN(SMALL, million->options.connections),
		.hold = SMALL_HOLD,
		.bill = &result->bill,
	};
	int error = million_pass_check(million, why);

	result->bill.pair = NAN;
	if (!error)
		error = million_pass_run(&small, million, why);
	if (!error)
		error = check_memory(million, &result->bill, why);
	if (!error)
		error = run_state(million, result, MILLION_COLD, why);
	if (!error && million->options.warm)
		error = run_state(million, result, MILLION_WARM, why);
	return error;
}

/* Says and writes what came of it. Returns the exit status. */
static int conclude(const struct million *million, const struct million_result *result, int error,
		    char why[MILLION_WHY])
{
	char path[PATH_MAX + 16];
	json_t *document;

	if (error == -EINTR)
		snprintf(why, MILLION_WHY, "ended by a signal");
	if (error)
		process_say("void: %s", why);
	document = million_result_json(result, million, error ? why : NULL);
	snprintf(path, sizeof(path), "%s/million.json", million->directory);
	if (!error && million->options.json)
		json_dumpf(document, stdout, JSON_INDENT(2));
	if (document_write(document, path)) {
		process_say("%s could not be written", path);
		return 1;
	}
	if (error)
		return 1;
	if (!million->options.json)
		million_result_print(result, million, stdout);
	if (million_result_draw(result, million, why)) {
		process_say("%s", why);
		return 1;
	}
	process_say("figure: %s/growth.svg", million->directory);
	return fflush(stdout) ? 1 : 0;
}

int million(int argc, char *const argv[])
{
	struct million million = { .signals = -1 };
	struct million_result result = { 0 };
	char why[MILLION_WHY] = "";

	if (million_options_parse(&million.options, argc, argv, why)) {
		process_say("%s", why);
		return 2;
	}
	if (million.options.help) {
		million_options_help(stdout);
		return 0;
	}
	million.signals = process_signals(NULL);
	if (million.signals < 0 || child_programs(million.programs)) {
		process_say("cannot start: %s", strerror(errno));
		return 1;
	}
	if (plan(&million, why) || make_directory(&million, why)) {
		process_say("%s", why);
		return 1;
	}
	return conclude(&million, &result, run(&million, &result, why), why);
}
