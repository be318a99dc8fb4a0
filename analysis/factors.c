/*
 * factors.c - what one run may differ in from another. See factors.h.
 */
#include "analysis/factors.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/units.h"

struct form {
	const char *name, *key;
	/* Returns a text for the caller to free; NULL with errno EINVAL for another type. */
	char *(*write)(const json_t *value);
	const char *standard; /* NULL: must be there */
};

static char *wrong_type(void)
{
	errno = EINVAL;
	return NULL;
}

/* A line break or an escape sequence would reach the reader's terminal. */
static bool is_printable(const char *text)
{
	while (*text && !iscntrl((unsigned char)*text))
		text++;
	return !*text;
}

static char *write_text(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && *text && is_printable(text) ? strdup(text) : wrong_type();
}

/* Without what an older record says behind each word of its effect. */
static char *write_words(const json_t *value)
{
	char *text = NULL;
	const json_t *term;
	size_t i, room;
	FILE *file;

	if (!json_is_array(value))
		return wrong_type();
	file = open_memstream(&text, &room);
	if (!file)
		return NULL;
	json_array_foreach(value, i, term)
	{
		const char *word = json_string_value(term);

		if (word)
			fprintf(file, "%s%.*s", i ? " " : "", (int)strcspn(word, " "), word);
	}
	fclose(file);
	return text;
}

static char *write_limit(const json_t *value)
{
	double bytes = json_number_value(value);
	char text[32];

	if (!json_is_number(value) || bytes < 0)
		return wrong_type();
	return strdup(bytes > 0 ? format_size(text, sizeof(text), bytes) : "none");
}

static char *write_switch(const json_t *value)
{
	return json_is_boolean(value) ? strdup(json_is_true(value) ? "on" : "off") : wrong_type();
}

static char *write_count(const json_t *value)
{
	char text[32];

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return wrong_type();
	snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return strdup(text);
}

static const struct form forms[FACTOR_COUNT] = {
	[FACTOR_ALLOCATOR] = { "allocator", "allocator", write_text, NULL },
	[FACTOR_RELEASE] = { "release", "release", write_text, NULL },
	[FACTOR_TUNE] = { "tune", "tune", write_words, "" },
	[FACTOR_FOOTPRINT] = { "footprint", "footprint", write_text, "session" },
	[FACTOR_SURVIVORS] = { "survivors", "survivors", write_text, "1%" },
	[FACTOR_ORDER] = { "order", "survivors_order", write_text, "scattered" },
	[FACTOR_MEMORY_LIMIT] = { "memory limit", "memory_limit", write_limit, "none" },
	[FACTOR_TRICKLE] = { "trickle", "trickle", write_switch, "on" },
	[FACTOR_ARCH] = { "arch", "arch", write_text, "single" },
	[FACTOR_WORKERS] = { "workers", "workers", write_count, "1" },
	[FACTOR_PROTOCOL] = { "protocol", "protocol", write_text, "idle" },
};

const char *factor_name(enum factor factor)
{
	return forms[factor].name;
}

int factor_write(char *text, size_t room, enum factor factor, const char *value)
{
	return *value ? snprintf(text, room, "%s %s", factor_name(factor), value)
		      : snprintf(text, room, "defaults");
}

const char *factor_key(enum factor factor)
{
	return forms[factor].key;
}

bool factor_is_ours(enum factor factor)
{
	return factor == FACTOR_ARCH || factor == FACTOR_WORKERS;
}

/* The array of "KEY=VALUE" that was asked for, or NULL. */
static const json_t *find_tune(const json_t *run)
{
	const json_t *asked = json_object_get(run, "tune");

	/* An older record has it with the server, as it took effect. */
	return asked ? asked : json_object_get(json_object_get(run, "server"), "tune");
}

int factors_read(char *factors[FACTOR_COUNT], const json_t *run, char why[FACTORS_WHY])
{
	int error = 0;

	for (int i = 0; i < FACTOR_COUNT; i++) {
		const struct form *form = &forms[i];
		const json_t *value = i == FACTOR_TUNE ? find_tune(run)
						       : json_object_get(run, form->key);

		if (json_is_null(value) && factor_is_ours((enum factor)i))
			value = NULL;
		factors[i] = value ? form->write(value)
				   : strdup(form->standard ? form->standard : "?");
		if (factors[i] && (value || form->standard))
			continue;
		if (!factors[i] && errno != EINVAL)
			return -ENOMEM;
		if (!factors[i])
			factors[i] = strdup("?");
		if (!factors[i])
			return -ENOMEM;
		if (!error)
			snprintf(why, FACTORS_WHY, "run.json: %s is %s", form->key,
				 value ? "not what it should be" : "missing");
		error = -EINVAL;
	}
	return error;
}

static int compare_factor(int factor, const char *a, const char *b)
{
	if (factor == FACTOR_RELEASE && strcmp(a, b)) {
		if (!strcmp(a, "native"))
			return -1;
		if (!strcmp(b, "native"))
			return 1;
	}
	return strverscmp(a, b);
}

int factors_compare(char *const a[FACTOR_COUNT], char *const b[FACTOR_COUNT])
{
	int order = 0;

	for (int i = 0; i < FACTOR_COUNT && !order; i++)
		order = compare_factor(i, a[i], b[i]);
	return order;
}
