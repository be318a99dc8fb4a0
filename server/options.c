/*
 * options.c - the server's command line. See options.h.
 */
#include "server/options.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

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

#define FIELD(name) offsetof(struct server_options, name)

static const struct option_row rows[] = {
	{ "listen", "ADDRESS:PORT", FIELD(listen), option_address, EXPECTS_ADDRESS,
	  "where to accept (127.0.0.1:3033; port 0: any free one, see --status)" },
	{ "arch", "NAME", FIELD(arch), set_arch, EXPECTS_ARCH, "architecture (single)" },
	{ "protocol", "NAME", FIELD(protocol), set_protocol, EXPECTS_PROTOCOL, "protocol (idle)" },
	{ "footprint", "LIST|PRESET", FIELD(footprint), set_footprint, EXPECTS_FOOTPRINT,
	  "what a connection holds on the heap (none)" },
	{ "release", "POLICY", FIELD(release), set_release, EXPECTS_RELEASE,
	  "when memory is handed back (native)" },
	{ "tune", "KEY=VALUE", FIELD(tune), set_tune, "KEY=VALUE",
	  "an allocator's knob, in its own terms; may be repeated" },
	{ "backlog", "COUNT", FIELD(backlog), set_backlog, EXPECTS_COUNT,
	  "length of the accept queue (as the kernel allows)" },
	{ "status", "FILE", FIELD(status), option_text, NULL, "write the status page there" },
	{ "log-every", "COUNT", FIELD(log_every), option_count, EXPECTS_COUNT,
	  "a line on stdout each time so many clients came or went" },
	{ "ready-fd", "FD", FIELD(ready_fd), option_fd, EXPECTS_FD,
	  "write a byte there when connections are accepted" },
	{ "check", NULL, FIELD(check), option_switch, NULL,
	  "apply options and knobs, prove the allocator, and exit" },
	{ "help", NULL, FIELD(help), option_switch, NULL, "print this" },
	{ 0 },
};

int server_options_parse(struct server_options *options, int argc, char *const argv[],
			 char why[OPTIONS_WHY])
{
	int operand;

	memset(options, 0, sizeof(*options));
	options->ready_fd = -1;
	options->arch = &arch_single;
	options->protocol = &protocol_idle;
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
	return 0;
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
		"Accepts connections, reads and discards, and holds a footprint for each of them\n"
		"in the memory of %s.\n\nOptions (default):\n",
		allocator.name);
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
