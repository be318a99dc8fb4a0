/*
 * million_options.c - the command line of `tidemark million`. See million_options.h.
 */
#include "analysis/million_options.h"

#include <errno.h>
#include <sys/param.h>
#include <unistd.h>

#include "server/base/units.h"

#define LEAST_CONNECTIONS 100
#define MOST_CONNECTIONS  100000000
#define LEAST_FLOOR	  (UINT64_C(512) << 20)

static int set_connections(void *field, const char *value)
{
	uint64_t count;
	int error = parse_count(value, &count);

	if (!error && (count < LEAST_CONNECTIONS || count > MOST_CONNECTIONS))
		error = -EINVAL;
	if (!error)
		*(uint64_t *)field = count;
	return error;
}

#define FIELD(name) offsetof(struct million_options, name)

static const struct option_row rows[] = {
	{ "connections", "COUNT", FIELD(connections), set_connections,
	  "a number from 100 to 100000000", "how many (default 1000000)" },
	{ "hold", "TIME", FIELD(hold), option_duration, EXPECTS_DURATION,
	  "how long all of them stay open, 5s at the least (default 60s)" },
	{ "warm", NULL, FIELD(warm), option_switch, NULL,
	  "run twice: cold, and with the memory touched before, to compare" },
	{ "peers", "FOLDER", FIELD(peers), option_text, NULL,
	  "run the bare pair, dial and accept, from there in turns with ours (make million)" },
	{ "memory-floor", "SIZE", FIELD(memory_floor), option_size, EXPECTS_SIZE,
	  "end when less memory is available (default 5 %, 512M at least)" },
	{ "allocator", "NAME", FIELD(allocator), option_text, NULL,
	  "of the server (default glibc)" },
	{ "runs", "FOLDER", FIELD(runs), option_text, NULL, "where records go (default runs)" },
	{ "json", NULL, FIELD(json), option_switch, NULL, "print JSON, not a table" },
	{ "help", NULL, FIELD(help), option_switch, NULL, "print this and exit" },
	{ 0 },
};

static uint64_t default_floor(void)
{
	uint64_t total = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

	return MIN(MAX(total / 20, LEAST_FLOOR), total / 4);
}

int million_options_parse(struct million_options *options, int argc, char *const argv[],
			  char why[OPTIONS_WHY])
{
	int operand;

	*options = (struct million_options){
		.connections = 1000000,
		.hold = 60 * NS_PER_S,
		.memory_floor = default_floor(),
		.allocator = "glibc",
		.runs = "runs",
	};
	operand = options_parse(rows, options, argc, argv, why);
	if (operand < 0)
		return operand;
	if (operand == argc)
		return 0;
	snprintf(why, OPTIONS_WHY, "'%s' is not an option; they begin with -- (--help)",
		 argv[operand]);
	return -EINVAL;
}

void million_options_help(FILE *file)
{
	fputs("usage: tidemark million [options]\n\n"
	      "Opens a million connections between our own server and client, holds them, closes\n"
	      "them, and tells what each of them takes.\n\nOptions:\n",
	      file);
	options_help(rows, file);
	fputs("\nFor example: tidemark million --connections 100000 --hold 5s\n"
	      "\nExit status: 0, 1 when it fell short, 2 for bad options.\n",
	      file);
}
