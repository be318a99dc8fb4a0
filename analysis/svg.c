/*
 * svg.c - puts an SVG file of gnuplot's into a page. See svg.h.
 */
#include "analysis/svg.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct change {
	const char *from, *to;
	bool numbers; /* the figure's prefix follows */
};

static const struct change changes[] = {
	{ "fill=\"black\"", "fill=\"currentColor\"", false },
	{ "stroke=\"black\"", "stroke=\"currentColor\"", false },
	{ "stroke='black'", "stroke='currentColor'", false },
	{ "color=\"black\"", "", false },
	{ "'rgb(  0,   0,   0)'", "'currentColor'", false },
	{ "\"rgb(  0,   0,   0)\"", "\"currentColor\"", false },
	/* The name of the whole would show wherever the pointer rests. */
	{ "<title>Gnuplot</title>", "", false },
	{ " id='", " id='", true },
	{ " id=\"", " id=\"", true },
	{ "xlink:href='#", "href='#", true },
};

#define CHANGES (sizeof(changes) / sizeof(changes[0]))

static const struct change *find_change(const char *text)
{
	for (size_t i = 0; i < CHANGES; i++)
		if (!strncmp(text, changes[i].from, strlen(changes[i].from)))
			return &changes[i];
	return NULL;
}

static void copy_changed(FILE *page, const char *text, size_t number)
{
	while (*text) {
		const struct change *change = find_change(text);

		if (!change) {
			fputc(*text++, page);
			continue;
		}
		fputs(change->to, page);
		if (change->numbers)
			fprintf(page, "f%zu-", number);
		text += strlen(change->from);
	}
}

int svg_inline(FILE *page, const char *path, size_t number)
{
	FILE *file = fopen(path, "re");
	char *text = NULL, *start;
	size_t room = 0;
	int error = 0;

	if (!file)
		return -errno;
	/* All of it: XML has no NUL. */
	if (getdelim(&text, &room, '\0', file) < 0)
		error = ferror(file) ? -EIO : -EBADMSG;
	start = error ? NULL : strstr(text, "<svg");
	if (start)
		copy_changed(page, start, number);
	else if (!error)
		error = -EBADMSG;
	free(text);
	fclose(file);
	return error;
}
