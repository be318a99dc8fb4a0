/*
 * options.c - the command line of `tidemark run`. See options.h.
 */
#include "analysis/options.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "server/base/units.h"

/* A label becomes part of a file name. */
static int set_label(void *field, const char *value)
{
	if (!*value)
		return -EINVAL;
	for (const char *c = value; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_.", *c))
			return -EINVAL;
	return option_text(field, value);
}

static int set_positive(void *field, const char *value)
{
	uint64_t number = 0;
	int error = option_count(&number, value);

	if (!error && (!number || number > 10000))
		error = -ERANGE;
	if (!error)
		*(uint64_t *)field = number;
	return error;
}

static int set_survivors(void *field, const char *value)
{
	double share;
	int error = parse_share(value, &share);

	return error ? error : option_text(field, value);
}

#define FIELD(name) offsetof(struct run_options, name)

static const struct option_row rows[] = {
	{ "allocators", "LIST", FIELD(allocators), option_text, NULL,
	  "servers to compare, comma-separated (all that are built)" },
	{ "release", "LIST", FIELD(releases), option_text, NULL,
	  "release policies, comma-separated; native is added as control (native)" },
	{ "footprint", "LIST|PRESET", FIELD(footprint), option_text, NULL,
	  "what a connection holds, see build/server-glibc --help (session)" },
	{ "survivors", "SHARE", FIELD(survivors), set_survivors, EXPECTS_SHARE,
	  "share of a burst that stays open after it (1%)" },
	{ "memory-limit", "SIZE", FIELD(memory_limit), option_size, EXPECTS_SIZE,
	  "run each server in a memory cgroup of its own with this limit (none)" },
	{ "warmup", "COUNT", FIELD(warmup), set_positive, EXPECTS_COUNT,
	  "connections opened and closed before the base is measured (10)" },
	{ "repeat", "COUNT", FIELD(repeat), set_positive, EXPECTS_COUNT,
	  "runs of each cell, interleaved in shuffled blocks (1)" },
	{ "seed", "NUMBER", FIELD(seed), option_count, EXPECTS_COUNT,
	  "of the shuffling and of the survivors' choice (1)" },
	{ "time-limit", "TIME", FIELD(time_limit), option_duration, EXPECTS_DURATION,
	  "a run that takes longer is stopped and void (10m)" },
	{ "label", "NAME", FIELD(label), set_label,
	  "a name of letters, digits, dashes, dots and underscores",
	  "end of the run directory's name (run)" },
	{ "runs", "FOLDER", FIELD(runs), option_text, NULL, "where run directories go (runs)" },
	{ "json", NULL, FIELD(json), option_switch, NULL, "print the table as JSON" },
	{ "help", NULL, FIELD(help), option_switch, NULL, "print this" },
	{ 0 },
};

int run_options_parse(struct run_options *options, int argc, char *const argv[],
		      char why[OPTIONS_WHY])
{
	int operand;

	*options = (struct run_options){ .releases = "native",
					 .footprint = "session",
					 .survivors = "1%",
					 .warmup = 10,
					 .repeat = 1,
					 .seed = 1,
					 .time_limit = 600 * NS_PER_S,
					 .label = "run",
					 .runs = "runs" };
	operand = options_parse(rows, options, argc, argv, why);
	if (operand < 0)
		return operand;
	options->pulse = argv + operand;
	if (operand < argc && strcmp(argv[operand - 1], "--") != 0) {
		snprintf(why, OPTIONS_WHY,
			 "'%s': not an option; options of pulse stand behind a lone --",
			 argv[operand]);
		return -EINVAL;
	}
	if (argc - operand > RUN_PULSE_WORDS) {
		snprintf(why, OPTIONS_WHY, "too many words behind --; there may be %d",
			 RUN_PULSE_WORDS);
		return -EINVAL;
	}
	return 0;
}

void run_options_help(FILE *file)
{
	fprintf(file, "usage: tidemark run [options] [-- pulse's options]\n\n"
		      "Runs the burst experiment for every allocator and release policy and prints "
		      "one table.\n\nOptions (default):\n");
	options_help(rows, file);
	fprintf(file, "\nBehind -- stand the options of pulse (the schedule), for example\n"
		      "  -- --burst 10000 --bursts 3 --window 60s\n"
		      "build/pulse --help lists them.\n");
}
