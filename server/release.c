/*
 * release.c - release policies. See release.h.
 */
#include "server/release.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "server/base/units.h"

struct release_policy {
	const char *name;
	const char *argument; /* NULL: none */
	int (*parse)(const char *text, struct release_choice *choice);
	uint64_t (*due)(const struct release *release, const struct release_traffic *traffic);
	const char *help;
};

static int parse_interval(const char *text, struct release_choice *choice)
{
	return parse_duration(text, &choice->interval) || !choice->interval ? -EINVAL : 0;
}

static int parse_drop(const char *text, struct release_choice *choice)
{
	return parse_share(text, &choice->share) || choice->share <= 0 ? -EINVAL : 0;
}

static uint64_t due_never(const struct release *release, const struct release_traffic *traffic)
{
	(void)release;
	(void)traffic;
	return RELEASE_NEVER;
}

static uint64_t due_every(const struct release *release, const struct release_traffic *traffic)
{
	(void)traffic;
	return release->last_fired + release->choice->interval;
}

static uint64_t due_quiet(const struct release *release, const struct release_traffic *traffic)
{
	(void)traffic;
	return release->armed ? release->last_traffic + release->choice->interval : RELEASE_NEVER;
}

static uint64_t due_drop(const struct release *release, const struct release_traffic *traffic)
{
	double mark = release->choice->share * (double)release->peak;

	return (double)traffic->open < mark ? traffic->now : RELEASE_NEVER;
}

static uint64_t due_close(const struct release *release, const struct release_traffic *traffic)
{
	(void)release;
	return traffic->closed ? traffic->now : RELEASE_NEVER;
}

static const struct release_policy policies[] = {
	{ "native", NULL, NULL, due_never, "never: the allocator's own defaults, the control" },
	{ "every", "TIME", parse_interval, due_every, "every so often" },
	{ "quiet", "TIME", parse_interval, due_quiet,
	  "once, when nothing was opened or closed for so long" },
	{ "drop", "SHARE", parse_drop, due_drop,
	  "when open connections fall below that share of the recent peak" },
	{ "close", NULL, NULL, due_close,
	  "at the end of each loop iteration that closed something" },
};

#define POLICIES (sizeof(policies) / sizeof(policies[0]))

int release_parse(const char *text, struct release_choice *choice)
{
	size_t length = strcspn(text, "=");
	const char *argument = text[length] ? text + length + 1 : NULL;

	for (size_t i = 0; i < POLICIES; i++) {
		const struct release_policy *policy = &policies[i];

		if (strlen(policy->name) != length || memcmp(policy->name, text, length))
			continue;
		if (!policy->argument != !argument)
			return -EINVAL;
		if (argument && policy->parse(argument, choice))
			return -EINVAL;
		choice->policy = policy;
		choice->text = text;
		return 0;
	}
	return -EINVAL;
}

void release_help(FILE *file)
{
	for (size_t i = 0; i < POLICIES; i++) {
		int width = fprintf(file, "  %s%s%s", policies[i].name,
				    policies[i].argument ? "=" : "",
				    policies[i].argument ? policies[i].argument : "");

		fprintf(file, "%*s%s\n", 18 - width, "", policies[i].help);
	}
}

void release_init(struct release *release, const struct release_choice *choice, uint64_t now)
{
	memset(release, 0, sizeof(*release));
	release->choice = choice;
	release->last_fired = now;
	release->last_traffic = now;
}

uint64_t release_due(struct release *release, const struct release_traffic *traffic)
{
	if (traffic->opened || traffic->closed) {
		release->last_traffic = traffic->now;
		release->armed = true;
	}
	release->peak = MAX(release->peak, traffic->open);
	return release->choice->policy->due(release, traffic);
}

void release_begin(struct release *release, uint64_t now, uint64_t open)
{
	release->last_fired = now;
	release->peak = open;
	release->armed = false;
}

void release_end(struct release *release, uint64_t now)
{
	release->last_fired = now;
}

bool release_ever(const struct release_choice *choice)
{
	return choice->policy->due != due_never;
}
