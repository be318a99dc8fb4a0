/*
 * options_check.c - options that do not go together. See options_check.h.
 */
#include "pulse/options_check.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "pulse/protocol/payload.h"

/* What is asked for must be something that the protocol has. */
static int check_speech(const struct pulse_options *options, char why[OPTIONS_WHY])
{
	const struct pulse_protocol *protocol = options->speech.script.protocol;
	const char *option = NULL;

	if (protocol->asks)
		return 0;
	if (options->speech.ops)
		option = "--ops";
	else if (options->active.count != UINT64_MAX || options->active.share < 1)
		option = "--active";
	else if (options->speech.script.message != PAYLOAD_LEAST)
		option = "--message";
	else
		return 0;
	snprintf(why, OPTIONS_WHY,
		 "%s: with --protocol %s there are no requests; take echo or websocket", option,
		 protocol->name);
	return -EINVAL;
}

/* What there is to do, and between which addresses. */
static int check_load(const struct pulse_options *options, char why[OPTIONS_WHY])
{
	if (*options->files)
		snprintf(why, OPTIONS_WHY, "'%s' is not an option; they begin with -- (--help)",
			 *options->files);
	else if (options->schedule.bursts && !options->schedule.burst)
		snprintf(why, OPTIONS_WHY,
			 "--burst 0: a burst needs a connection; --bursts 0 leaves them out");
	else if (!options->schedule.bursts && !options->schedule.trickle)
		snprintf(why, OPTIONS_WHY,
			 "--bursts 0 and --trickle 0 leave nothing to do; give one of them");
	else if (!address_port(&options->connect))
		snprintf(why, OPTIONS_WHY, "--connect: port 0 cannot be connected to");
	else if (!sources_suit(&options->sources, &options->connect))
		snprintf(
			why, OPTIONS_WHY,
			"--source-range and --connect: one is IPv4, the other IPv6; take the same");
	else
		return 0;
	return -EINVAL;
}

int options_check_run(const struct pulse_options *options, char why[OPTIONS_WHY])
{
	return check_load(options, why) || check_speech(options, why) ? -EINVAL : 0;
}

static bool is_for_merge(const struct option_row *row)
{
	static const char *const names[] = { "merge", "json", "latency-file" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(row->name, names[i]))
			return true;
	return false;
}

int options_check_merge(const struct pulse_options *options, const struct option_row *rows,
			char *const argv[], char why[OPTIONS_WHY])
{
	const struct option_row *row;

	for (int i = 1; (row = options_next(rows, argv, &i));) {
		if (is_for_merge(row))
			continue;
		snprintf(why, OPTIONS_WHY,
			 "--%s: not with --merge, which takes --json and --latency-file",
			 row->name);
		return -EINVAL;
	}
	if (*options->files)
		return 0;
	snprintf(why, OPTIONS_WHY, "--merge wants the files: pulse --merge FILE...");
	return -EINVAL;
}
