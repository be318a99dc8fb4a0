/*
 * names.c - what rows are called in tables of the terminal. See names.h.
 */
#include "analysis/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* That factor of all rows, for the caller to free; NULL: no memory. */
static const char **list_factor(const struct summary *summary, int factor)
{
	const char **texts = calloc(summary->count + 1, sizeof(*texts));

	for (size_t i = 0; texts && i < summary->count; i++)
		texts[i] = summary_factor(&summary->rows[i], factor);
	return texts;
}

const char *names_brief(char brief[BRIEF_ROOM], const struct summary *summary,
			const struct summary_row *row, int factor)
{
	const char **texts = list_factor(summary, factor);

	if (texts)
		brief_text(brief, texts, summary->count, (size_t)(row - summary->rows));
	else
		snprintf(brief, BRIEF_ROOM, "%.*s", BRIEF_MOST, summary_factor(row, factor));
	free(texts);
	return brief;
}

static bool is_first(const char *const *texts, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (!strcmp(texts[j], texts[i]))
			return false;
	return true;
}

static void print_cut(const struct summary *summary, int factor, bool *any, FILE *file)
{
	const char **texts = list_factor(summary, factor);
	char brief[BRIEF_ROOM];

	for (size_t i = 0; texts && i < summary->count; i++) {
		if (!is_first(texts, i) ||
		    !strcmp(brief_text(brief, texts, summary->count, i), texts[i]))
			continue;
		fprintf(file, "%s  %s: %s\n", *any ? "" : "\nCut short above:\n", brief, texts[i]);
		*any = true;
	}
	free(texts);
}

void names_print_cut(const struct summary *summary, FILE *file)
{
	bool any = false;

	for (int i = 0; i < FACTOR_COUNT; i++)
		if (summary->shown[i])
			print_cut(summary, i, &any, file);
}
