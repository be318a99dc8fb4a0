/*
 * tune.c - applies --tune. See tune.h.
 */
#include "server/tune.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tune_add(struct tune *tune, const char *term)
{
	const char *equals = strchr(term, '=');

	if (!equals || equals == term || !equals[1])
		return -EINVAL;
	if (tune->count == TUNE_TERMS)
		return -E2BIG;
	tune->terms[tune->count++] = term;
	return 0;
}

static const struct allocator_knob *find_knob(const char *term)
{
	size_t length = strcspn(term, "=");

	for (const struct allocator_knob *knob = allocator.knobs; knob && knob->name; knob++)
		if (strlen(knob->name) == length && !memcmp(knob->name, term, length))
			return knob;
	return NULL;
}

static const char *value_of(const char *term)
{
	return strchr(term, '=') + 1;
}

static void say_unknown(const char *term, char why[TUNE_WHY])
{
	int used = snprintf(why, TUNE_WHY, "--tune %s: %s has no such knob; it has", term,
			    allocator.name);

	for (const struct allocator_knob *knob = allocator.knobs; knob && knob->name; knob++)
		if (used < TUNE_WHY)
			used += snprintf(why + used, (size_t)(TUNE_WHY - used), " %s", knob->name);
	if ((!allocator.knobs || !allocator.knobs->name) && used < TUNE_WHY)
		snprintf(why + used, (size_t)(TUNE_WHY - used), " none");
}

/* Is wanted one of the joined terms of list? */
static int has_term(const char *list, const char *wanted, char join)
{
	size_t length = strlen(wanted);

	while (list) {
		const char *end = join ? strchrnul(list, join) : list + strlen(list);

		if ((size_t)(end - list) == length && !memcmp(list, wanted, length))
			return 1;
		list = *end ? end + 1 : NULL;
	}
	return 0;
}

/* Returns 1 when the variable had to be changed, 0 when it was right, or -errno. */
static int set_variable(const struct allocator_knob *knob, const char *value)
{
	const char *old = getenv(knob->variable);
	char wanted[256], joined[4096];
	int length;

	if (snprintf(wanted, sizeof(wanted), "%s%s", knob->term ? knob->term : "", value) >=
	    (int)sizeof(wanted))
		return -E2BIG;
	if (old && has_term(old, wanted, knob->term ? allocator.join : '\0'))
		return 0;
	if (old && *old && knob->term)
		length = snprintf(joined, sizeof(joined), "%s%c%s", old, allocator.join, wanted);
	else
		length = snprintf(joined, sizeof(joined), "%s", wanted);
	if (length >= (int)sizeof(joined))
		return -E2BIG;
	return setenv(knob->variable, joined, 1) ? -errno : 1;
}

int tune_environment(const struct tune *tune, char why[TUNE_WHY])
{
	int changed = 0;

	for (size_t i = 0; i < tune->count; i++) {
		const struct allocator_knob *knob = find_knob(tune->terms[i]);
		int result;

		if (!knob) {
			say_unknown(tune->terms[i], why);
			return -EINVAL;
		}
		if (knob->when != KNOB_STARTUP)
			continue;
		result = set_variable(knob, value_of(tune->terms[i]));
		if (result < 0) {
			snprintf(why, TUNE_WHY, "--tune %s: %s", tune->terms[i], strerror(-result));
			return result;
		}
		changed |= result;
	}
	return changed;
}

/* A startup knob that this version does not have went into the environment unheard. */
static int check_startup(const struct allocator_knob *knob)
{
	char value[ALLOCATOR_TEXT];

	return allocator.get && allocator.get(knob, value) == -ENOENT ? -ENOENT : 0;
}

int tune_apply(const struct tune *tune, char why[TUNE_WHY])
{
	for (size_t i = 0; i < tune->count; i++) {
		const struct allocator_knob *knob = find_knob(tune->terms[i]);
		int error;

		if (knob->when == KNOB_STARTUP)
			error = check_startup(knob);
		else
			error = allocator.set(knob, value_of(tune->terms[i]));
		if (error == -ENOENT) {
			snprintf(why, TUNE_WHY, "--tune %s: %s %s has no such knob", tune->terms[i],
				 allocator.name, allocator.version());
			return error;
		}
		if (error) {
			snprintf(why, TUNE_WHY, "--tune %s: %s refused the value (%s); %s: %s",
				 tune->terms[i], allocator.name, strerror(-error), knob->name,
				 knob->help);
			return error;
		}
	}
	return 0;
}

const char *tune_effective(const char *term, char value[ALLOCATOR_TEXT])
{
	const struct allocator_knob *knob = find_knob(term);

	if (!knob || !allocator.get || allocator.get(knob, value))
		snprintf(value, ALLOCATOR_TEXT, "not readable");
	return value;
}
