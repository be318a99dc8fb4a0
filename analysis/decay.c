/*
 * decay.c - delays of the allocators, from the sources of their versions in Debian 12. See decay.h.
 */
#include "analysis/decay.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "server/base/units.h"

static const struct decay {
	const char *allocator;
	const char *knob; /* as --tune names it; in ms, -1: never */
	long standard;
} decays[] = {
	{ "jemalloc", "dirty_decay_ms", 10000 },
	{ "jemalloc", "muzzy_decay_ms", 0 },
	{ "mimalloc", "decommit_delay", 25 },
	{ "mimalloc", "segment_decommit_delay", 500 },
};

static bool is_of(const struct decay *decay, const char *allocator)
{
	size_t length = strcspn(allocator, "@");

	return length == strlen(decay->allocator) && !strncmp(allocator, decay->allocator, length);
}

/* The value that tune gives to the knob, or its standard one. */
static long value_of(const struct decay *decay, const json_t *tune)
{
	size_t length = strlen(decay->knob);
	long value = decay->standard;
	const json_t *term;
	size_t i;

	json_array_foreach(tune, i, term)
	{
		const char *text = json_string_value(term);

		if (text && !strncmp(text, decay->knob, length) && text[length] == '=')
			value = strtol(text + length + 1, NULL, 10);
	}
	return value;
}

uint64_t decay_longest(const char *allocator, const json_t *tune)
{
	long longest = 0;

	for (size_t i = 0; i < sizeof(decays) / sizeof(decays[0]); i++)
		if (is_of(&decays[i], allocator))
			longest = MAX(longest, value_of(&decays[i], tune));
	return (uint64_t)longest * NS_PER_MS;
}
