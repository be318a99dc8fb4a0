/*
 * http.c - the head of an HTTP/1.1 response. See http.h and RFC 9112.
 */
#include "pulse/protocol/http.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/param.h>

size_t http_head_length(const uint8_t *bytes, size_t length)
{
	const uint8_t *end = memmem(bytes, length, "\r\n\r\n", 4);

	return end ? (size_t)(end - bytes) + 4 : 0;
}

unsigned int http_status(const uint8_t *head, size_t length)
{
	static const char version[] = "HTTP/1.1 ";
	const uint8_t *code = head + sizeof(version) - 1;

	if (length < sizeof(version) - 1 + 4 || memcmp(head, version, sizeof(version) - 1) != 0)
		return 0;
	if (!isdigit(code[0]) || !isdigit(code[1]) || !isdigit(code[2]) || isdigit(code[3]))
		return 0;
	return (code[0] - '0') * 100u + (code[1] - '0') * 10u + (code[2] - '0');
}

struct value {
	const char *text;
	size_t length;
};

static struct value trim(const char *text, size_t length)
{
	while (length && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	return (struct value){ text, length };
}

static bool is_name(const char *line, const char *end, const char *name)
{
	size_t length = strlen(name);

	return (size_t)(end - line) > length && line[length] == ':' &&
	       !strncasecmp(line, name, length);
}

/* The value of the header's next line from *place on, which is moved behind it. */
static bool next_value(const char **place, const char *end, const char *name, struct value *value)
{
	while (*place < end) {
		const char *line = *place;
		const char *stop = memmem(line, (size_t)(end - line), "\r\n", 2);

		if (!stop)
			return false;
		*place = stop + 2;
		if (!is_name(line, stop, name))
			continue;
		line += strlen(name) + 1;
		*value = trim(line, (size_t)(stop - line));
		return true;
	}
	return false;
}

static bool has_token(struct value value, const char *token)
{
	const char *end = value.text + value.length;
	const char *from = value.text;

	while (from < end) {
		const char *comma = memchr(from, ',', (size_t)(end - from));
		size_t piece = (size_t)((comma ? comma : end) - from);
		struct value word = trim(from, piece);

		if (word.length == strlen(token) && !strncasecmp(word.text, token, word.length))
			return true;
		from += piece + 1;
	}
	return false;
}

bool http_has(const uint8_t *head, size_t length, const char *name, const char *token)
{
	const char *place = (const char *)head, *end = place + length;
	struct value value;

	while (next_value(&place, end, name, &value))
		if (!token || has_token(value, token))
			return true;
	return false;
}

bool http_is(const uint8_t *head, size_t length, const char *name, const char *value)
{
	const char *place = (const char *)head, *end = place + length;
	struct value found, second;

	return next_value(&place, end, name, &found) && found.length == strlen(value) &&
	       !memcmp(found.text, value, found.length) && !next_value(&place, end, name, &second);
}

size_t http_copy(const char *text, size_t length, uint64_t from, uint8_t *bytes, size_t room)
{
	size_t count = from < length ? MIN(length - from, room) : 0;

	memcpy(bytes, text + (count ? from : 0), count);
	return count;
}
