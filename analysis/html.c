/*
 * html.c - text and JSON values as HTML. See html.h.
 */
#include "analysis/html.h"

#include <string.h>

void html_text(FILE *page, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", page);
			break;
		case '<':
			fputs("&lt;", page);
			break;
		case '>':
			fputs("&gt;", page);
			break;
		case '"':
			fputs("&quot;", page);
			break;
		case '\'':
			fputs("&#39;", page);
			break;
		default:
			/* HTML has no other control characters than white space. */
			fputc((unsigned char)*text < ' ' || *text == 127 ? ' ' : *text, page);
		}
	}
}

void html_value(FILE *page, const json_t *value)
{
	const json_t *item;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_STRING:
		html_text(page, json_string_value(value));
		break;
	case JSON_INTEGER:
		fprintf(page, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		fprintf(page, "%.6g", json_real_value(value));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		fputs(json_is_true(value) ? "yes" : "no", page);
		break;
	case JSON_ARRAY:
		json_array_foreach(value, i, item)
		{
			fputs(i ? " <span>" : "<span>", page);
			html_value(page, item);
			fputs("</span>", page);
		}
		break;
	default:
		fputc('-', page);
	}
}

static int is_among(const char *key, const char *const *keys)
{
	for (; keys && *keys; keys++)
		if (!strcmp(key, *keys))
			return 1;
	return 0;
}

void html_pairs(FILE *page, const json_t *object, const char *const *but)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (is_among(key, but))
			continue;
		if (json_is_object(value)) {
			html_pairs(page, value, but);
			continue;
		}
		fputs("<div><dt>", page);
		html_text(page, key);
		fputs("</dt><dd>", page);
		html_value(page, value);
		fputs("</dd></div>\n", page);
	}
}

static void quote(FILE *page, const char *word)
{
	fputs("&#39;", page);
	for (; *word; word++) {
		char letter[2] = { *word };

		if (*word == '\'')
			fputs("&#39;\\&#39;&#39;", page);
		else
			html_text(page, letter);
	}
	fputs("&#39;", page);
}

void html_command(FILE *page, const json_t *words)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";
	const json_t *item;
	size_t i;

	json_array_foreach(words, i, item)
	{
		const char *word = json_string_value(item);

		if (!word)
			continue;
		fputs(i ? " <span>" : "<span>", page);
		if (*word && strspn(word, plain) == strlen(word))
			html_text(page, word);
		else
			quote(page, word);
		fputs("</span>", page);
	}
}
