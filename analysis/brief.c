/*
 * brief.c - texts cut so that those that differ still do. See brief.h.
 */
#include "analysis/brief.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#define ELLIPSIS "…"
#define KEPT	 6 /* characters of what all have in common, at either end: to see what it is */

static bool is_inside(char byte)
{
	return (byte & 0xc0) == 0x80;
}

static size_t count_characters(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += !is_inside(text[i]);
	return count;
}

static bool is_long(const char *text)
{
	return count_characters(text, strlen(text)) > BRIEF_MOST;
}

/* How many bytes all of them begin with, up to a whole character. */
static size_t common_begin(const char *const *texts, size_t count)
{
	size_t length = strlen(texts[0]);

	for (size_t i = 1; i < count; i++) {
		size_t same = 0;

		while (same < length && texts[i][same] == texts[0][same])
			same++;
		length = same;
	}
	while (length && is_inside(texts[0][length]))
		length--;
	return length;
}

/* How many bytes all of them end with, of what stands behind begin. */
static size_t common_end(const char *const *texts, size_t count, size_t begin)
{
	const char *last = texts[0] + strlen(texts[0]);
	size_t length = strlen(texts[0]) - begin;

	for (size_t i = 1; i < count; i++) {
		const char *end = texts[i] + strlen(texts[i]);
		size_t most = MIN(length, strlen(texts[i]) - begin), same = 0;

		while (same < most && end[-1 - (long)same] == last[-1 - (long)same])
			same++;
		length = same;
	}
	while (length && is_inside(last[-(long)length]))
		length--;
	return length;
}

/* Appends a piece of text, less what has to go from its middle to be that many characters. */
static void append(char brief[BRIEF_ROOM], const char *piece, size_t length, size_t most)
{
	size_t used = strlen(brief), shown = 0;
	size_t characters = count_characters(piece, length);
	size_t head = most / 2, tail = most - head - 1;

	for (size_t i = 0; i < length; i++) {
		shown += !is_inside(piece[i]);
		if (characters <= most || shown <= head || shown > characters - tail)
			brief[used++] = piece[i];
		else if (shown == head + 1 && !is_inside(piece[i]))
			used += (size_t)sprintf(brief + used, "%s", ELLIPSIS);
	}
	brief[used] = '\0';
}

/* The part that differs has what room it needs, the parts before and behind it share the rest. */
static void cut(char brief[BRIEF_ROOM], const char *const *texts, size_t count, size_t i)
{
	const char *text = texts[i];
	size_t begin = common_begin(texts, count), end = common_end(texts, count, begin);
	size_t middle = strlen(text) - begin - end, room, wanted;

	room = BRIEF_MOST - MIN(count_characters(text + begin, middle), BRIEF_MOST - 2 * KEPT);
	wanted = count_characters(text + begin + middle, end);
	brief[0] = '\0';
	append(brief, text, begin, MAX(room / 2, room - MIN(room, wanted)));
	append(brief, text + begin, middle, BRIEF_MOST - 2 * KEPT);
	room -= MIN(room, count_characters(text, begin));
	append(brief, text + begin + middle, end, MAX(room, KEPT));
}

/* Is the j-th cut, and the first of those that are equal to it? */
static bool is_rival(const char *const *texts, size_t j, const char *text)
{
	bool rival = is_long(texts[j]) && strcmp(texts[j], text) != 0;

	for (size_t i = 0; rival && i < j; i++)
		rival = strcmp(texts[i], texts[j]) != 0;
	return rival;
}

const char *brief_text(char brief[BRIEF_ROOM], const char *const *texts, size_t count, size_t i)
{
	char other[BRIEF_ROOM];
	size_t place = 1;

	if (!is_long(texts[i]))
		return strcpy(brief, texts[i]);
	cut(brief, texts, count, i);
	for (size_t j = 0; j < i; j++) {
		/* An equal one before it has the same number. */
		if (!strcmp(texts[j], texts[i]))
			break;
		if (!is_rival(texts, j, texts[i]))
			continue;
		cut(other, texts, count, j);
		place += !strcmp(other, brief);
	}
	if (place > 1)
		sprintf(brief + strlen(brief), "~%zu", place);
	return brief;
}
