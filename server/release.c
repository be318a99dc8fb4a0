/*
 * release.c - release policies. See release.h.
 */
#include "server/release.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "server/base/clock.h"
#include "server/base/units.h"
#include "server/memory.h"

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

/* noinline, and the empty asm keeps the compiler from merging the two into one. */
__attribute__((noinline)) void tidemark_release_begin(void)
{
	__asm__ volatile("# begin" ::: "memory");
}

__attribute__((noinline)) void tidemark_release_end(void)
{
	__asm__ volatile("# end" ::: "memory");
}

int release_fire(struct release *release, const struct release_traffic *traffic,
		 struct status_slot *account, char remark[ALLOCATOR_TEXT])
{
	uint64_t before = memory_anonymous();
	uint64_t begin = clock_now();
	uint64_t stall, after;
	int error;

	remark[0] = '\0';
	tidemark_release_begin();
	if (allocator.flush_thread)
		allocator.flush_thread();
	error = allocator.release_process(remark);
	tidemark_release_end();
	stall = clock_now() - begin;

	after = memory_anonymous();
	account->releases++;
	account->stall_total += stall;
	account->stall_max = MAX(account->stall_max, stall);
	account->released_bytes += before > after ? before - after : 0;
	release->last_fired = begin + stall;
	release->peak = traffic->open;
	release->armed = false;
	return error;
}
