/*
 * options.c - the command line of pulse. See options.h.
 */
#include "pulse/options.h"

#include <errno.h>
#include <string.h>

#include "pulse/crew_plan.h"
#include "pulse/options_check.h"
#include "pulse/pace.h"
#include "pulse/protocol/payload.h"
#include "pulse/start.h"
#include "server/base/units.h"

/* For options whose default depends on others. */
#define NOT_GIVEN UINT64_MAX

#define EXPECTS_RATE	"a number a second below 2^64 (for example 5000/s; 0: as fast as it goes)"
#define EXPECTS_OPS	"a number a second from 1 to 100000000 (for example 20000/s)"
#define EXPECTS_ACTIVE	"a number of connections or a share up to 100%, not 0 (for example 100, 1%)"
#define EXPECTS_MESSAGE "a size from 8 to 1G (for example 8, 1K, 1M)"
#define EXPECTS_TIMEOUT "a time with its unit, not 0, up to 2562047h (for example 250ms, 5s)"
#define EXPECTS_SECONDS "a whole number of seconds up to 4294967295"
#define EXPECTS_32_BITS "a whole number up to 4294967295 (for example 10000)"
#define EXPECTS_LOOPS	"a number from 1 to 256"
#define EXPECTS_SOURCES "a network or an address of this machine (for example 127.0.0.0/8)"

int pulse_parse_rate(const char *text, uint64_t *rate)
{
	size_t length = strlen(text);
	char digits[32];

	if (length > 2 && !strcmp(text + length - 2, "/s"))
		length -= 2;
	if (length >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, length);
	digits[length] = '\0';
	return parse_count(digits, rate);
}

static int set_rate(void *field, const char *value)
{
	return pulse_parse_rate(value, field);
}

static int set_ops(void *field, const char *value)
{
	uint64_t rate;
	int error = pulse_parse_rate(value, &rate);

	if (!error && (!rate || rate > PACE_MOST))
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = rate;
	return error;
}

static int set_protocol(void *field, const char *value)
{
	const struct pulse_protocol *protocol = pulse_protocol_find(value);

	if (!protocol)
		return -EINVAL;
	*(const struct pulse_protocol **)field = protocol;
	return 0;
}

static int set_active(void *field, const char *value)
{
	return active_parse(value, field);
}

static int set_message(void *field, const char *value)
{
	uint64_t size;
	int error = parse_size(value, &size);

	if (!error && (size < PAYLOAD_LEAST || size > PAYLOAD_MOST))
		error = -EINVAL;
	if (!error)
		*(uint64_t *)field = size;
	return error;
}

static int set_timeout(void *field, const char *value)
{
	uint64_t time;
	int error = parse_duration(value, &time);

	if (!error && !time)
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = time;
	return error;
}

static int set_start(void *field, const char *value)
{
	struct clock_stamp now;

	clock_stamp(&now);
	return start_parse(value, &now, field);
}

/* Connections and steps are counted in 32 bits. */
static int set_count(void *field, const char *value)
{
	uint64_t count;
	int error = parse_count(value, &count);

	if (!error && count > UINT32_MAX)
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = count;
	return error;
}

static int set_seconds(void *field, const char *value)
{
	uint64_t seconds;
	int error = set_count(&seconds, value);

	if (!error)
		*(uint64_t *)field = seconds * NS_PER_S;
	return error;
}

static int set_loops(void *field, const char *value)
{
	uint64_t loops;
	int error = parse_count(value, &loops);

	if (!error && (!loops || loops > CREW_MOST_LOOPS))
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = loops;
	return error;
}

static int set_sources(void *field, const char *value)
{
	return sources_parse(value, field);
}

static int set_order(void *field, const char *value)
{
	static const char *const names[] = {
		[SURVIVORS_SCATTERED] = "scattered",
		[SURVIVORS_OLDEST] = "oldest",
		[SURVIVORS_NEWEST] = "newest",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]))
			continue;
		*(enum survivor_order *)field = (enum survivor_order)i;
		return 0;
	}
	return -EINVAL;
}

static int set_until(void *field, const char *value)
{
	bool end = !strcmp(value, "end");

	if (!end && strcmp(value, "next"))
		return -EINVAL;
	*(bool *)field = end;
	return 0;
}

#define FIELD(member) offsetof(struct pulse_options, member)

static const struct option_row rows[] = {
	{ "connect", "ADDRESS:PORT", FIELD(connect), option_address, EXPECTS_ADDRESS,
	  "the server (default 127.0.0.1:3033)" },
	{ "burst", "COUNT", FIELD(schedule.burst), set_count, EXPECTS_32_BITS,
	  "connections in a burst (default 10000)" },
	{ "bursts", "COUNT", FIELD(schedule.bursts), set_count, EXPECTS_32_BITS,
	  "how many bursts (default 3)" },
	{ "burst-gap", "TIME", FIELD(schedule.burst_gap), option_duration, EXPECTS_DURATION,
	  "silence between two bursts (default 30s)" },
	{ "linger", "TIME", FIELD(schedule.linger), option_duration, EXPECTS_DURATION,
	  "how long bursts and trickles hold their connections, once all are there (default 4s)" },
	{ "window", "TIME", FIELD(schedule.window), option_duration, EXPECTS_DURATION,
	  "silence after the last burst (default 60s)" },
	{ "trickle", "COUNT", FIELD(schedule.trickle), set_count, EXPECTS_32_BITS,
	  "connections in a trickle (default 1000; 0: no trickles)" },
	{ "trickles", "COUNT", FIELD(schedule.trickles), set_count, EXPECTS_32_BITS,
	  "how many trickles (default 0: for ever)" },
	{ "trickle-gap", "TIME", FIELD(schedule.trickle_gap), option_duration, EXPECTS_DURATION,
	  "silence between two trickles (default 20s)" },
	{ "survivors", "SHARE", FIELD(schedule.survivors), option_share, EXPECTS_SHARE,
	  "share of a burst that stays open behind it (default 0)" },
	{ "survivor-order", "ORDER", FIELD(survivor_order), set_order,
	  "scattered, oldest or newest", "scattered, oldest or newest (default scattered)" },
	{ "survivors-until", "WHEN", FIELD(schedule.survivors_to_end), set_until, "next or end",
	  "next: closed before the next burst; end: they add up (default next)" },
	{ "rate", "N/s", FIELD(rate), set_rate, EXPECTS_RATE,
	  "connects a second (default 0: as fast as it goes)" },
	{ "loops", "COUNT", FIELD(loops), set_loops, EXPECTS_LOOPS,
	  "event loops, a thread each; processes are as many as descriptors ask for (default 1)" },
	{ "source-range", "NETWORK", FIELD(sources), set_sources, EXPECTS_SOURCES,
	  "connect from these (default 127.0.0.0/8 to a server on it, beyond half of the ports)" },
	{ "memory-floor", "SIZE", FIELD(memory_floor), option_size, EXPECTS_SIZE,
	  "end when less memory is available (default 5 %, 512M at least; 0: never)" },
	{ "strict", NULL, FIELD(strict), option_switch, NULL,
	  "end at the first connection that is lost" },
	{ "protocol", "NAME", FIELD(speech.script.protocol), set_protocol, EXPECTS_PULSE_PROTOCOL,
	  "idle, echo, feed or websocket; what is said and checked (default idle)" },
	{ "active", "COUNT|SHARE", FIELD(active), set_active, EXPECTS_ACTIVE,
	  "connections of a burst or trickle that talk while it lingers (default 100%)" },
	{ "ops", "N/s", FIELD(speech.ops), set_ops, EXPECTS_OPS,
	  "requests a second as planned, up to 100000000 (default: the next when the answer came)" },
	{ "message", "SIZE", FIELD(speech.script.message), set_message, EXPECTS_MESSAGE,
	  "bytes of a request, with its time stamp of 8 (default 8)" },
	{ "timeout", "TIME", FIELD(speech.timeout), set_timeout, EXPECTS_TIMEOUT,
	  "how long connecting may take, and an answer; how late a chunk may be (default 30s)" },
	{ "start-at", "TIME", FIELD(start_at), set_start, EXPECTS_START,
	  "begin at HH:MM:SS, seconds since 1970, or in +TIME; rests then end as planned (default: at once)" },
	{ "seed", "NUMBER", FIELD(seed), option_count, EXPECTS_COUNT,
	  "which survivors are scattered where (default 1)" },
	{ "warmup", "COUNT", FIELD(schedule.warmup), set_count, EXPECTS_32_BITS,
	  "connections opened and closed before the first burst (default 0)" },
	{ "rest", "TIME", FIELD(schedule.rest), option_duration, EXPECTS_DURATION,
	  "silence before the first burst (default 0; with --warmup 1500ms)" },
	{ "record", "FILE", FIELD(record), option_text, NULL,
	  "write a row a phase as CSV (phases.csv)" },
	{ "traffic", "FILE", FIELD(traffic), option_text, NULL,
	  "write a row a phase with traffic as CSV (traffic.csv)" },
	{ "latency-file", "FILE", FIELD(latency_file), option_text, NULL,
	  "write the latencies in HdrHistogram's text form; uncorrected ones to FILE.raw" },
	{ "json", NULL, FIELD(json), option_switch, NULL, "print JSON, not a table" },
	{ "merge", NULL, FIELD(merge), option_switch, NULL,
	  "add up JSON of pulses of one window (open when all are connected): pulse --merge FILE..." },
	{ "ready-fd", "FD", FIELD(ready_fd), option_fd, EXPECTS_FD,
	  "gets a byte when the first phase is about to begin, with --start-at at that moment" },
	{ "dry-run", NULL, FIELD(dry_run), option_switch, NULL,
	  "print the steps as CSV, connect to nothing, and exit" },
	{ "check", NULL, FIELD(check), option_switch, NULL,
	  "say whether limits and memory of this machine allow it, and exit" },
	{ "help", NULL, FIELD(help), option_switch, NULL, "print this and exit" },
	{ "big", "COUNT", FIELD(original.big), set_count, EXPECTS_32_BITS, NULL },
	{ "i", "COUNT", FIELD(original.i), set_count, EXPECTS_32_BITS, NULL },
	{ "bs", "SECONDS", FIELD(original.bs), set_seconds, EXPECTS_SECONDS, NULL },
	{ "small", "COUNT", FIELD(original.small), set_count, EXPECTS_32_BITS, NULL },
	{ "ss", "SECONDS", FIELD(original.ss), set_seconds, EXPECTS_SECONDS, NULL },
	{ "l", "SECONDS", FIELD(original.l), set_seconds, EXPECTS_SECONDS, NULL },
	{ NULL },
};

static void set_defaults(struct pulse_options *options)
{
	*options = (struct pulse_options){
		.schedule = {
			.rest = NOT_GIVEN,
			.burst = 10000,
			.bursts = 3,
			.burst_gap = 30 * NS_PER_S,
			.window = NOT_GIVEN,
			.trickle = 1000,
			.trickle_gap = 20 * NS_PER_S,
			.linger = 4 * NS_PER_S,
		},
		.original = { NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN, NOT_GIVEN },
		.speech = {
			.script = { .protocol = &pulse_idle, .message = 8, .period = NS_PER_S },
			.timeout = 30 * NS_PER_S,
		},
		.active = { UINT64_MAX, 1 },
		.seed = 1,
		.loops = 1,
		.memory_floor = PULSE_DEFAULT_FLOOR,
		.ready_fd = -1,
	};
	address_parse("127.0.0.1:3033", &options->connect);
}

/* Returns whether the original option was given. */
static bool take_over(uint64_t given, uint64_t *field)
{
	if (given == NOT_GIVEN)
		return false;
	*field = given;
	return true;
}

static void complete(struct pulse_options *options)
{
	const struct original_options *original = &options->original;
	struct schedule *schedule = &options->schedule;
	bool any = false;

	any |= take_over(original->big, &schedule->burst);
	any |= take_over(original->i, &schedule->bursts);
	any |= take_over(original->bs, &schedule->burst_gap);
	any |= take_over(original->small, &schedule->trickle);
	any |= take_over(original->ss, &schedule->trickle_gap);
	any |= take_over(original->l, &schedule->linger);

	if (schedule->window == NOT_GIVEN)
		schedule->window = any ? schedule->burst_gap : 60 * NS_PER_S;
	if (schedule->rest == NOT_GIVEN)
		schedule->rest = schedule->warmup ? 1500 * NS_PER_MS : 0;
	options->speech.script.seed = options->seed;
}

int pulse_options_parse(struct pulse_options *options, int argc, char *const argv[],
			char why[OPTIONS_WHY])
{
	int operand;

	set_defaults(options);
	operand = options_parse(rows, options, argc, argv, why);
	if (operand < 0)
		return operand;
	if (options->help)
		return 0;
	options->files = argv + operand;
	if (options->merge)
		return options_check_merge(options, rows, argv, why);
	complete(options);
	return options_check_run(options, why);
}

void pulse_options_help(FILE *file)
{
	fputs("usage: pulse [options]\n"
	      "       pulse --merge [--json] [--latency-file FILE] FILE...\n\n"
	      "Opens bursts of connections to a TCP server, then an idle window, then trickles, and\n"
	      "tells what connected, how fast, and what was lost; with --protocol also what was said\n"
	      "on them and how soon it was answered.\n\nOptions:\n",
	      file);
	options_help(rows, file);
	fputs("\nFor example: pulse --connect 127.0.0.1:8080 --burst 1000 --bursts 2 --trickle 0\n"
	      "\nThe options of the original pulse work as well: -big -i -bs -small -ss -l (COUNT or\n"
	      "whole seconds); with any of them, --window is as long as the gap between bursts.\n"
	      "\nExit status: 0, 1 when a connection was lost, could not be made or was\n"
	      "answered wrongly, 2 for bad options.\n",
	      file);
}
