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
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analysis/document.h"
#include "analysis/million_result.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"

#define PART	   ".part"
#define SMALL	   2000 /* connections that tell the bill */
#define SMALL_HOLD (5 * NS_PER_S)
#define LOOK_MS	   100
#define LEAST_HOLD (5 * NS_PER_S) /* the readings need a moment, more on a busy machine */

int million_wait(const struct million *million, int ms)
{
	struct million_signals *signals = million->signals;
	struct pollfd wanted = { .fd = signals->fd, .events = POLLIN };

	if (!signals->count && poll(&wanted, 1, ms) > 0 && process_next_signal(signals->fd))
		signals->count++;
	return signals->count ? -EINTR : 0;
}

/* So many ms, or until the child ends or a signal comes. */
static void watch_end(struct million_signals *signals, const struct child *child, int ms)
{
	struct pollfd wanted[] = { { .fd = child->pidfd, .events = POLLIN },
				   { .fd = signals->fd, .events = POLLIN } };

	if (poll(wanted, 2, ms) <= 0 || !process_next_signal(signals->fd))
		return;
	if (++signals->count == 2)
		process_say("a second signal: the programs are killed");
}

void million_stop(const struct million *million, struct child *child, uint64_t timeout)
{
	uint64_t until = clock_now() + timeout;

	if (!child_ended(child))
		kill(child->pid, SIGTERM);
	while (!child_ended(child) && million->signals->count < 2 && clock_now() < until)
		watch_end(million->signals, child, LOOK_MS);
	child_stop(child, 0);
}

/* Its name ends in PART until all is in it; see decision 7. */
static int make_directory(struct million *million, char why[MILLION_WHY])
{
	const char *runs = million->options.runs;
	time_t now = time(NULL);
	char stamp[32];
	struct tm utc;

	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	if (snprintf(million->directory, PATH_MAX, "%s/%s-million-%d" PART, runs, stamp, getpid()) <
		    PATH_MAX &&
	    (!mkdir(runs, 0755) || errno == EEXIST) && !mkdir(million->directory, 0755))
		return 0;
	snprintf(why, MILLION_WHY, "--runs %.300s: %s", runs, strerror(errno));
	return -errno;
}

/* Of one address; where nobody says, as the kernel has it by default. */
static uint64_t read_ports(void)
{
	FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	unsigned int low, high;

	if (!file || fscanf(file, "%u %u", &low, &high) != 2) {
		low = 32768;
		high = 60999;
	}
	if (file)
		fclose(file);
	return (uint64_t)(high - low) + 1;
}

/* Is what was named there? */
static int check_programs(const struct million *million, char why[MILLION_WHY])
{
	static const char *const bare[] = { "accept", "dial" };
	const struct million_options *options = &million->options;
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s/server-%s", million->programs, options->allocator);
	if (access(path, X_OK)) {
		snprintf(why, MILLION_WHY,
			 "--allocator %.64s: there is no %.300s; make builds one for each folder "
			 "in allocators/",
			 options->allocator, path);
		return 2;
	}
	for (int i = 0; options->peers && i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", options->peers, bare[i]);
		if (!access(path, X_OK))
			continue;
		snprintf(why, MILLION_WHY,
			 "--peers %.300s: there is no %s in it; make tests builds the pair",
			 options->peers, bare[i]);
		return 2;
	}
	return 0;
}

static int plan(struct million *million, char why[MILLION_WHY])
{
	int64_t fds = process_raise_fd_limit();

	if (fds > 0 && !million_plan_make(&million->plan, million->options.connections,
					  (uint64_t)fds, read_ports()))
		return 0;
	snprintf(why, MILLION_WHY,
		 "RLIMIT_NOFILE lets a process have %" PRId64
		 " open files, too few for --connections "
		 "%" PRIu64 ": ulimit -n %" PRIu64 " (as root where the hard limit is lower)",
		 fds, million->options.connections, million->plan.fds);
	return 1;
}

/*
 * By the bill, which may be more than the MILLION_PAIR that pulse's own check has reckoned with.
 * Nobody is asked for less than a connection.
 */
static int check_memory(const struct million *million, const struct million_bill *bill,
			char why[MILLION_WHY])
{
	double pair = isnan(bill->pair) ? MILLION_PAIR : bill->pair;
	double needed = (pair + MILLION_USER) * (double)million->options.connections +
			(double)million->options.memory_floor;
	char available_text[32], needed_text[32];
	double available = (double)million_memory_available();

	if (needed <= available)
		return 0;
	snprintf(why, MILLION_WHY,
		 "%s of memory are available, and %s are needed (%.0f bytes a pair in the kernel, "
		 "%d in the programs, and --memory-floor): lower --memory-floor, or --connections "
		 "to %.0f",
		 format_size(available_text, sizeof(available_text), available),
		 format_size(needed_text, sizeof(needed_text), needed), pair, MILLION_USER,
		 MAX((available - (double)million->options.memory_floor) / (pair + MILLION_USER),
		     1));
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

static int finish_directory(struct million *million)
{
	char whole[PATH_MAX];

	snprintf(whole, sizeof(whole), "%.*s", (int)(strlen(million->directory) - strlen(PART)),
		 million->directory);
	if (rename(million->directory, whole))
		return -errno;
	memcpy(million->directory, whole, sizeof(whole));
	return 0;
}

/* void_for: the reason, or NULL. Returns 0 or -errno. */
static int record(const struct million *million, const struct million_result *result,
		  const char *void_for)
{
	json_t *document = million_result_json(result, million, void_for);
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/million.json", million->directory);
	if (million->options.json) {
		json_dumpf(document, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	return document_write(document, path);
}

/* Says and writes what came of it. Returns the exit status. */
static int conclude(struct million *million, const struct million_result *result, int error,
		    char why[MILLION_WHY])
{
	int written, unprinted, drawn = error;
	char undrawn[MILLION_WHY];

	if (error == -EINTR)
		snprintf(why, MILLION_WHY, "ended by a signal");
	if (error)
		process_say("void: %s", why);
	else if (!million->options.json)
		million_result_print(result, million, stdout);
	if (!error)
		drawn = million_result_draw(result, million, undrawn);
	written = record(million, result, error ? why : NULL);
	if (!written)
		written = finish_directory(million);
	if (written)
		process_say("%s: %s", million->directory, strerror(-written));
	if (!drawn)
		process_say("figure: %s/growth.svg", million->directory);
	else if (!error)
		process_say("%s", undrawn);
	unprinted = fflush(stdout) || ferror(stdout);
	if (unprinted)
		process_say("standard output could not be written");
	return unprinted || error || written || drawn;
}

int million(int argc, char *const argv[])
{
	struct million_signals signals = { .fd = -1 };
	struct million million = { .signals = &signals };
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
	signals.fd = process_signals(NULL);
	if (signals.fd < 0 || child_programs(million.programs)) {
		process_say("cannot start: %s", strerror(errno));
		return 1;
	}
	if (check_programs(&million, why)) {
		process_say("%s", why);
		return 2;
	}
	if (plan(&million, why) || make_directory(&million, why)) {
		process_say("%s", why);
		return 1;
	}
	return conclude(&million, &result, run(&million, &result, why), why);
}
