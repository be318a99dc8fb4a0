/*
 * circumstances.c - in what two experiments differ: what forbids to compare them, and what one may
 * have compared them for. See comparison.h.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/comparison.h"
#include "server/base/units.h"

#define TEXT 256

/* "--burst 1000 --bursts 3" */
static const char *join_words(char text[TEXT], const json_t *words)
{
	const json_t *word;
	size_t i, used = 0;

	text[0] = '\0';
	json_array_foreach(words, i, word)
	{
		if (used < TEXT)
			used += (size_t)snprintf(text + used, TEXT - used, "%s%s", i ? " " : "",
						 json_string_value(word) ? json_string_value(word)
									 : "?");
	}
	return text;
}

static void find_schedule(const struct comparison *comparison,
			  void (*each)(void *context, const char *text), void *context)
{
	const json_t *a = json_object_get(comparison->a->experiment->about, "pulse");
	const json_t *b = json_object_get(comparison->b->experiment->about, "pulse");
	char words_a[TEXT], words_b[TEXT], text[3 * TEXT];

	/* An experiment that does not say has the standard one. */
	if (json_equal(a, b) || (!json_array_size(a) && !json_array_size(b)))
		return;
	snprintf(text, sizeof(text), "schedule: '%s' and '%s'", join_words(words_a, a),
		 join_words(words_b, b));
	each(context, text);
}

/* Windows of one schedule differ by what closing the connections takes. */
static void find_windows(const struct comparison *comparison,
			 void (*each)(void *context, const char *text), void *context)
{
	for (size_t i = 0; i < comparison->count; i++) {
		double a = comparison->rows[i].a->metrics[METRIC_WINDOW].value;
		double b = comparison->rows[i].b->metrics[METRIC_WINDOW].value;
		char text_a[32], text_b[32], text[TEXT];

		if (fabs(a - b) <= METRICS_SLACK * fmax(a, b))
			continue;
		snprintf(text, sizeof(text), "window: %s and %s",
			 format_duration(text_a, sizeof(text_a), a),
			 format_duration(text_b, sizeof(text_b), b));
		each(context, text);
		return;
	}
}

void comparison_obstacles(const struct comparison *comparison,
			  void (*each)(void *context, const char *text), void *context)
{
	const struct run *a = comparison->rows[0].a->first, *b = comparison->rows[0].b->first;
	char text[TEXT];

	/* Of rows that are paired, the factors differ only where all of the two differ. */
	for (int i = FACTOR_TUNE + 1; i < FACTOR_COUNT; i++) {
		if (!strcmp(a->factors[i], b->factors[i]))
			continue;
		snprintf(text, sizeof(text), "%s: %.100s and %.100s", factor_name((enum factor)i),
			 a->factors[i], b->factors[i]);
		each(context, text);
	}
	find_schedule(comparison, each, context);
	find_windows(comparison, each, context);
}

/* What is different each time, also on one machine. */
static bool is_fleeting(const char *key)
{
	return !strcmp(key, "memory_available") || !strncmp(key, "first_touch", 11);
}

static const char *write_value(char text[TEXT], const json_t *value)
{
	char *dump;

	if (json_is_string(value)) {
		snprintf(text, TEXT, "%s", json_string_value(value));
		return text;
	}
	dump = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	snprintf(text, TEXT, "%s", dump && strcmp(dump, "null") ? dump : "none");
	free(dump);
	return text;
}

static void tell(const char *what, const json_t *a, const json_t *b,
		 void (*each)(void *context, const char *what, const char *a, const char *b),
		 void *context)
{
	char text_a[TEXT], text_b[TEXT];

	write_value(text_a, a);
	write_value(text_b, b);
	if (strcmp(text_a, text_b))
		each(context, what, text_a, text_b);
}

/* What the server of a row's first run has under that key. */
static const json_t *server_of(const struct summary_row *row, const char *key)
{
	return json_object_get(json_object_get(row->first->about, "server"), key);
}

static void tell_allocator(const struct comparison_row *row, const char *allocator,
			   void (*each)(void *context, const char *what, const char *a,
					const char *b),
			   void *context)
{
	char text[TEXT];

	tell(allocator, server_of(row->a, "version"), server_of(row->b, "version"), each, context);
	snprintf(text, sizeof(text), "environment of %.100s", allocator);
	tell(text, server_of(row->a, "environment"), server_of(row->b, "environment"), each,
	     context);
}

void comparison_circumstances(const struct comparison *comparison,
			      void (*each)(void *context, const char *what, const char *a,
					   const char *b),
			      void *context)
{
	json_t *a = json_object_get(comparison->a->experiment->about, "environment");
	json_t *b = json_object_get(comparison->b->experiment->about, "environment");
	const char *key, *last = "";
	json_t *value;

	json_object_foreach(a, key, value)
	{
		if (!is_fleeting(key))
			tell(key, value, json_object_get(b, key), each, context);
	}
	json_object_foreach(b, key, value)
	{
		if (!is_fleeting(key) && !json_object_get(a, key))
			tell(key, NULL, value, each, context);
	}
	/* Rows are sorted by allocator. */
	for (size_t i = 0; i < comparison->count; i++) {
		const struct comparison_row *row = &comparison->rows[i];
		const char *allocator = row->a->first->factors[FACTOR_ALLOCATOR];

		if (strcmp(allocator, last))
			tell_allocator(row, allocator, each, context);
		last = allocator;
	}
}
