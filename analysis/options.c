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

static int add_word(void *field, const char *value)
{
	struct words *words = field;

	if (words->count == RUN_WORDS)
		return -E2BIG;
	words->items[words->count++] = value;
	return 0;
}

#define EXPECTS_POSITIVE "a whole number from 1 to 10000"

#define FIELD(name) offsetof(struct run_options, name)

static const struct option_row rows[] = {
	{ "allocators", "LIST", FIELD(lists[CELL_ALLOCATOR]), add_word, NULL,
	  "servers to compare, comma-separated; none: only --server (all that are built)" },
	{ "release", "LIST", FIELD(lists[CELL_RELEASE]), add_word, NULL,
	  "release policies, comma-separated; native is added as control (native)" },
	{ "tune", "SET", FIELD(lists[CELL_TUNE]), add_word, NULL,
	  "knobs as KEY=VALUE,...; may be repeated, see below ('', the defaults)" },
	{ "footprint", "LIST|PRESET", FIELD(lists[CELL_FOOTPRINT]), add_word, NULL,
	  "what a connection holds, see build/server-glibc --help; may be repeated (session)" },
	{ "survivors", "LIST", FIELD(lists[CELL_SURVIVORS]), add_word, NULL,
	  "shares of a burst that stay open after it, comma-separated (1%)" },
	{ "survivors-order", "LIST", FIELD(lists[CELL_ORDER]), add_word, NULL,
	  "which they are: scattered, oldest, newest, comma-separated (scattered)" },
	{ "memory-limit", "LIST", FIELD(lists[CELL_LIMIT]), add_word, NULL,
	  "run each server in a memory cgroup of its own with such a limit, as none,256M (none)" },
	{ "trickle", "LIST", FIELD(lists[CELL_TRICKLE]), add_word, NULL,
	  "on, off, or on,off: with pulse's trickles or without (on)" },
	{ "arch", "LIST", FIELD(lists[CELL_ARCH]), add_word, NULL,
	  "architectures of the server, comma-separated, see build/server-glibc --help (single)" },
	{ "workers", "LIST", FIELD(lists[CELL_WORKERS]), add_word, NULL,
	  "counts of their threads or processes, comma-separated; single has 1 (1)" },
	{ "protocol", "LIST", FIELD(lists[CELL_PROTOCOL]), add_word, NULL,
	  "what is said on the connections: idle, echo, feed, websocket, comma-separated (idle)" },
	{ "server", "[NAME=]COMMAND", FIELD(servers), add_word, NULL,
	  "a server of your own, with {port} where it takes its port; may be repeated" },
	{ "warmup", "COUNT", FIELD(warmup), set_positive, EXPECTS_POSITIVE,
	  "connections opened and closed before the base is measured (10)" },
	{ "repeat", "COUNT", FIELD(repeat), set_positive, EXPECTS_POSITIVE,
	  "runs of each cell, interleaved in shuffled blocks (1)" },
	{ "seed", "NUMBER", FIELD(seed), option_count, EXPECTS_COUNT,
	  "of the shuffling and of the survivors' choice (1)" },
	{ "time-limit", "TIME", FIELD(time_limit), option_duration, EXPECTS_DURATION,
	  "a run that takes longer is stopped and void (10m)" },
	{ "start-limit", "TIME", FIELD(start_limit), option_duration, EXPECTS_DURATION,
	  "a server that does not listen by then is void (20s)" },
	{ "label", "NAME", FIELD(label), set_label,
	  "a name of letters, digits, dashes, dots and underscores",
	  "end of the run directory's name (run)" },
	{ "runs", "FOLDER", FIELD(runs), option_text, NULL, "where run directories go (runs)" },
	{ "resume", "DIRECTORY", FIELD(resume), option_text, NULL,
	  "complete an experiment that was interrupted, as it was asked for" },
	{ "dry-run", NULL, FIELD(dry_run), option_switch, NULL,
	  "print the runs and the time that they will take, and run nothing" },
	{ "json", NULL, FIELD(json), option_switch, NULL, "print the table as JSON" },
	{ "help", NULL, FIELD(help), option_switch, NULL, "print this" },
	{ 0 },
};

/* What tidemark itself tells pulse; where it has an option for that, which. */
static const struct {
	const char *name, *instead;
} taken[] = {
	{ "connect", NULL },
	{ "record", NULL },
	{ "ready-fd", NULL },
	{ "seed", "--seed" },
	{ "warmup", "--warmup" },
	{ "survivors", "--survivors" },
	{ "survivor-order", "--survivors-order" },
	{ "protocol", "--protocol" },
	{ "start-at", NULL },
	{ "traffic", NULL },
};

/* Were it obeyed, the record would say one thing and pulse do another. */
static int check_pulse_word(const char *word, char why[OPTIONS_WHY])
{
	const char *name = word + strspn(word, "-");
	size_t length = strcspn(name, "=");

	for (size_t i = 0; name > word && i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (strlen(taken[i].name) != length || strncmp(taken[i].name, name, length))
			continue;
		snprintf(why, OPTIONS_WHY, "%s behind the -- is tidemark's own to set; %s%s", word,
			 taken[i].instead ? "use its option " : "leave it out",
			 taken[i].instead ? taken[i].instead : "");
		return -EINVAL;
	}
	return 0;
}

static int check_pulse(const struct run_options *options, char why[OPTIONS_WHY])
{
	size_t count = 0;

	for (char *const *word = options->pulse; *word; word++, count++)
		if (check_pulse_word(*word, why))
			return -EINVAL;
	if (count <= RUN_PULSE_WORDS)
		return 0;
	snprintf(why, OPTIONS_WHY, "too many words behind --; there may be %d", RUN_PULSE_WORDS);
	return -EINVAL;
}

/* The row of a word of a command line that is good. */
static const struct option_row *row_of(const char *word)
{
	const char *name = word + strspn(word, "-");
	const struct option_row *row = rows;

	while (row->name && !(strlen(row->name) == strcspn(name, "=") &&
			      !strncmp(row->name, name, strlen(row->name))))
		row++;
	return row->name ? row : NULL;
}

/* What is run stands in the directory: beside it only how that is shown can be chosen. */
static int check_resume(int argc, char *const argv[], char why[OPTIONS_WHY])
{
	for (int i = 1; i < argc; i++) {
		const struct option_row *row = row_of(argv[i]);

		if (!row || (row->offset != FIELD(resume) && row->offset != FIELD(dry_run) &&
			     row->offset != FIELD(json) && row->offset != FIELD(help))) {
			snprintf(why, OPTIONS_WHY,
				 "--resume takes what is run from the directory; leave the other "
				 "options out (%s)",
				 argv[i]);
			return -EINVAL;
		}
		i += row->argument && !strchr(argv[i], '=');
	}
	return 0;
}

int run_options_parse(struct run_options *options, int argc, char *const argv[],
		      char why[OPTIONS_WHY])
{
	int operand;

	*options = (struct run_options){ .warmup = 10,
					 .repeat = 1,
					 .seed = 1,
					 .time_limit = 600 * NS_PER_S,
					 .start_limit = 20 * NS_PER_S,
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
	return options->resume ? check_resume(argc, argv, why) : check_pulse(options, why);
}

void run_options_help(FILE *file)
{
	fprintf(file, "usage: tidemark run [options] [-- pulse's options]\n\n"
		      "Runs the burst experiment for every combination of the factors and prints "
		      "one table.\n\nOptions (default):\n");
	options_help(rows, file);
	fprintf(file,
		"\nBehind -- stand the options of pulse (the schedule), for example\n"
		"  -- --burst 10000 --bursts 3 --window 60s\n"
		"build/pulse --help lists them, with their defaults; of trickles there are 2 here.\n\n"
		"Among the allocators, preload:[NAME=]FILE is whichever has its shared library there:\n"
		"a server runs on it by LD_PRELOAD. A server of your own:\n"
		"  --server 'mine=/path/to/server --port {port}'\n\n"
		"A set of knobs for one allocator alone has its name before it. More sets, and\n"
		"the defaults as their control, are more rows:\n"
		"  --tune jemalloc:dirty_decay_ms=0 --tune glibc:mxfast=0,arena_max=1\n\n"
		"Exit status: 0 when all runs are complete, 1 when one is void or could not be "
		"made,\n2 for bad options, 130 when interrupted.\n");
}
