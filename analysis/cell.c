/*
 * cell.c - a cell of an experiment and the table of factors. See cell.h.
 */
#include "analysis/cell.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/base/options.h"
#include "server/base/units.h"

/* In the order in which they vary: the first one slowest. */
static const struct cell_row rows[CELL_FACTORS] = {
	[CELL_ALLOCATOR] = { .key = "allocator", .list = "allocators", .option = "allocators" },
	[CELL_RELEASE] = { .key = "release",
			   .list = "releases",
			   .option = "release",
			   .standard = "native",
			   .control = true,
			   .server = "--release" },
	[CELL_TUNE] = { .key = "tune",
			.list = "tunes",
			.option = "tune",
			.kind = CELL_WORDS,
			.whole = true,
			.standard = "",
			.control = true,
			.server = "--tune" },
	[CELL_FOOTPRINT] = { .key = "footprint",
			     .list = "footprints",
			     .option = "footprint",
			     .whole = true,
			     .standard = "session",
			     .server = "--footprint" },
	[CELL_SURVIVORS] = { .key = "survivors",
			     .list = "survivors",
			     .option = "survivors",
			     .standard = "1%",
			     .pulse = "--survivors" },
	[CELL_ORDER] = { .key = "survivors_order",
			 .list = "survivors_orders",
			 .option = "survivors-order",
			 .standard = "scattered",
			 .pulse = "--survivor-order" },
	[CELL_LIMIT] = { .key = "memory_limit",
			 .list = "memory_limits",
			 .option = "memory-limit",
			 .kind = CELL_SIZE,
			 .standard = "0" },
	[CELL_TRICKLE] = { .key = "trickle",
			   .list = "trickles",
			   .option = "trickle",
			   .kind = CELL_SWITCH,
			   .standard = "on" },
	[CELL_ARCH] = { .key = "arch",
			.late = true,
			.ours = true,
			.list = "archs",
			.option = "arch",
			.standard = "single",
			.server = "--arch" },
	[CELL_WORKERS] = { .key = "workers",
			   .late = true,
			   .ours = true,
			   .list = "workers_counts",
			   .option = "workers",
			   .kind = CELL_COUNT,
			   .standard = "1",
			   .server = "--workers" },
	[CELL_PROTOCOL] = { .key = "protocol",
			    .late = true,
			    .list = "protocols",
			    .option = "protocol",
			    .standard = "idle",
			    .server = "--protocol",
			    .pulse = "--protocol" },
};

const struct cell_row *cell_row(enum cell_factor factor)
{
	return &rows[factor];
}

bool cell_has_workers(const char *arch)
{
	return strcmp(arch, "single") && strcmp(arch, "thread");
}

static char *canonical_size(const char *value, const char **expects)
{
	uint64_t bytes = 0;
	char *text;

	*expects = "a size (for example 64M), or none";
	if (strcmp(value, "none") && parse_size(value, &bytes))
		return NULL;
	return asprintf(&text, "%" PRIu64, bytes) < 0 ? NULL : text;
}

static char *canonical_count(const char *value, const char **expects)
{
	uint64_t count = 0;
	char *text;

	*expects = "a whole number, 1 or more";
	if (option_count(&count, value) || !count)
		return NULL;
	return asprintf(&text, "%" PRIu64, count) < 0 ? NULL : text;
}

char *cell_canonical(enum cell_factor factor, const char *value, const char **expects)
{
	double share;

	if (rows[factor].kind == CELL_SIZE)
		return canonical_size(value, expects);
	if (rows[factor].kind == CELL_COUNT)
		return canonical_count(value, expects);
	if (rows[factor].kind == CELL_SWITCH && strcmp(value, "on") && strcmp(value, "off")) {
		*expects = "on or off";
		return NULL;
	}
	if (factor == CELL_SURVIVORS && parse_share(value, &share)) {
		*expects = EXPECTS_SHARE;
		return NULL;
	}
	*expects = NULL;
	return strdup(value);
}

/* The parts of text between commas; none when it is empty. */
static json_t *words_to_json(const char *text)
{
	json_t *array = json_array();

	while (*text) {
		size_t length = strcspn(text, ",");

		json_array_append_new(array, json_stringn(text, length));
		text += length + (text[length] == ',');
	}
	return array;
}

static json_t *value_to_json(enum cell_kind kind, const char *value)
{
	switch (kind) {
	case CELL_WORDS:
		return words_to_json(value);
	case CELL_SIZE:
	case CELL_COUNT:
		return json_integer(strtoll(value, NULL, 10));
	case CELL_SWITCH:
		return json_boolean(!strcmp(value, "on"));
	default:
		return json_string(value);
	}
}

/* How a server that is not ours shares its connections out is its own affair. */
static bool is_known(const struct cell *cell, int factor)
{
	return !cell->command || !rows[factor].ours;
}

int cell_to_json(const struct cell *cell, json_t *object)
{
	int error = 0;

	for (int i = 0; i < CELL_FACTORS; i++)
		error |= json_object_set_new(object, rows[i].key,
					     is_known(cell, i)
						     ? value_to_json(rows[i].kind, cell->values[i])
						     : json_null());
	error |= json_object_set_new(object, "foreign", json_boolean(cell->command));
	error |= json_object_set_new(object, "repeat", json_integer((json_int_t)cell->repeat));
	return error ? -ENOMEM : 0;
}

static char *words_from_json(const json_t *array)
{
	char *text = NULL;
	const json_t *word;
	size_t i, room;
	FILE *file = open_memstream(&text, &room);

	if (!file)
		return NULL;
	json_array_foreach(array, i, word)
	{
		const char *text_of_word = json_string_value(word);

		fprintf(file, "%s%s", i ? "," : "", text_of_word ? text_of_word : "");
	}
	fclose(file);
	return text;
}

char *cell_from_json(enum cell_factor factor, const json_t *object)
{
	const json_t *value = json_object_get(object, rows[factor].key);
	char number[32];

	if ((!value && rows[factor].late) || (json_is_null(value) && rows[factor].ours))
		return strdup(rows[factor].standard);
	if (json_is_array(value))
		return words_from_json(value);
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "on" : "off");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (!json_is_integer(value))
		return NULL;
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return strdup(number);
}

/* A value among the others of a cell; "" where it goes without saying. */
static const char *phrase(enum cell_factor factor, const char *value, char text[CELL_NAME])
{
	char size[32];

	if (rows[factor].kind == CELL_SWITCH)
		snprintf(text, CELL_NAME, "%s%s", !strcmp(value, "on") ? "" : "no ",
			 rows[factor].key);
	else if (rows[factor].kind == CELL_SIZE && !strcmp(value, "0"))
		text[0] = '\0';
	else if (rows[factor].kind == CELL_SIZE)
		snprintf(text, CELL_NAME, "limit %s",
			 format_size(size, sizeof(size), strtod(value, NULL)));
	else
		snprintf(text, CELL_NAME, "%s%s", value,
			 factor == CELL_SURVIVORS ? " survivors"
			 : factor == CELL_WORKERS ? " workers"
						  : "");
	return text;
}

void cell_describe(const struct cell *cell, const bool varies[CELL_FACTORS], char name[CELL_NAME])
{
	char text[CELL_NAME];
	size_t used = 0;

	for (int i = 0; i < CELL_FACTORS; i++) {
		bool always = i == CELL_ALLOCATOR || i == CELL_RELEASE;

		if ((!always && !varies[i]) || !is_known(cell, i))
			continue;
		if (!*phrase((enum cell_factor)i, cell->values[i], text))
			continue;
		if (used < CELL_NAME)
			used += (size_t)snprintf(name + used, CELL_NAME - used, "%s%s",
						 used ? ", " : "", text);
	}
}
