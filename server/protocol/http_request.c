/*
 * http_request.c - reads the head of an HTTP/1.1 request. See http_request.h.
 */
#include "server/protocol/http_request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/param.h>

/* The characters of a token (RFC 9110, 5.6.2). */
static bool is_token(struct text text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < text.length; i++) {
		char c = text.bytes[i];

		if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
		      (c && strchr(others, c))))
			return false;
	}
	return text.length > 0;
}

/* Anything but control characters; the white space inside a value is a tab or a blank. */
static bool is_plain(struct text text, bool blanks)
{
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.bytes[i];

		if (c == 0x7f || c < 0x20 ? !(blanks && c == '\t') : c == ' ' && !blanks)
			return false;
	}
	return true;
}

/* The line that begins at *bytes, which moves behind its CR LF. False: it is not complete. */
static bool take_line(const char **bytes, const char *end, struct text *line)
{
	const char *feed = memchr(*bytes, '\n', (size_t)(end - *bytes));

	if (!feed)
		return false;
	line->bytes = *bytes;
	line->length = (size_t)(feed - *bytes);
	*bytes = feed + 1;
	return true;
}

/* A bare LF, or a CR elsewhere, has made requests of one server two requests of another. */
static bool strip_cr(struct text *line)
{
	if (!line->length || line->bytes[line->length - 1] != '\r')
		return false;
	line->length--;
	return true;
}

static bool take_word(struct text *line, struct text *word)
{
	const char *blank = memchr(line->bytes, ' ', line->length);

	if (!blank)
		return false;
	word->bytes = line->bytes;
	word->length = (size_t)(blank - line->bytes);
	line->bytes = blank + 1;
	line->length -= word->length + 1;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* How many bytes from at on are of a name, with "%41", or of an address in brackets, with ':'. */
static size_t name_length(struct text text, size_t at, bool bracket)
{
	static const char others[] = "-._~!$&'()*+,;=";
	size_t i = at;

	for (; i < text.length; i++) {
		char c = text.bytes[i];

		if (c == '%' && !bracket && text.length - i > 2 && is_hex(text.bytes[i + 1]) &&
		    is_hex(text.bytes[i + 2]))
			i += 2;
		else if (!is_digit(c) && !((c | 32) >= 'a' && (c | 32) <= 'z') &&
			 !(c && strchr(others, c)) && !(c == ':' && bracket))
			break;
	}
	return i - at;
}

/* uri-host [":" port] (RFC 9110, 7.2; RFC 3986, 3.2), of which a host may be empty. */
static bool is_host(struct text text)
{
	bool bracket = text.length && text.bytes[0] == '[';
	size_t at = bracket + name_length(text, bracket, bracket);

	if (bracket && (at == 1 || at == text.length || text.bytes[at++] != ']'))
		return false;
	if (at < text.length && text.bytes[at] == ':')
		for (at++; at < text.length && is_digit(text.bytes[at]);)
			at++;
	return at == text.length;
}

/*
 * As proxies are asked, and servers must take, too: of "http://host/path", the path (RFC 9112,
 * 3.2.2). Where there is none, the slash before the host stands for it.
 */
static bool strip_authority(struct text *target)
{
	static const char scheme[] = "http://";
	struct text host = { target->bytes + sizeof(scheme) - 1, 0 };
	size_t left;

	if (target->length < sizeof(scheme) - 1 ||
	    strncasecmp(target->bytes, scheme, sizeof(scheme) - 1) != 0)
		return true;
	left = target->length - (sizeof(scheme) - 1);
	while (host.length < left && !strchr("/?", host.bytes[host.length]))
		host.length++;
	*target = host.length < left ? (struct text){ host.bytes + host.length, left - host.length }
				     : (struct text){ host.bytes - 1, 1 };
	return host.length && host.bytes[0] != ':' && is_host(host);
}

/* A later 1.x is answered as what is spoken (RFC 9110, 2.5). */
static int check_version(struct text text)
{
	if (text.length != 8 || memcmp(text.bytes, "HTTP/", 5) != 0 || !is_digit(text.bytes[5]) ||
	    text.bytes[6] != '.' || !is_digit(text.bytes[7]))
		return 400;
	return text.bytes[5] == '1' && text.bytes[7] != '0' ? 0 : 505;
}

static int parse_request_line(struct text line, struct http_request *request)
{
	if (!strip_cr(&line) || !take_word(&line, &request->method) ||
	    !take_word(&line, &request->target) || !is_token(request->method) ||
	    !request->target.length || !is_plain(request->target, false) ||
	    !strip_authority(&request->target))
		return 400;
	return check_version(line);
}

static struct text trim(struct text text)
{
	while (text.length && (*text.bytes == ' ' || *text.bytes == '\t')) {
		text.bytes++;
		text.length--;
	}
	while (text.length &&
	       (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
		text.length--;
	return text;
}

static bool same(struct text text, const char *expected)
{
	return text.length == strlen(expected) && !strncasecmp(text.bytes, expected, text.length);
}

static bool is_number(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!is_digit(text.bytes[i]))
			return false;
	return text.length > 0;
}

/*
 * Where the body ends is said once, as a number or by chunks that end it (RFC 9112, 6.3). Of two
 * answers, servers take different ones: what is a body to one is the next request to another.
 */
static bool frames_once(const struct http_request *request, const struct http_header *header)
{
	bool coded = same(header->name, "transfer-encoding");

	if (!coded && !same(header->name, "content-length"))
		return true;
	return !http_request_header(request, "transfer-encoding") &&
	       !http_request_header(request, "content-length") &&
	       (coded ? same(header->value, "chunked") : is_number(header->value));
}

static int parse_header(struct text line, struct http_request *request)
{
	struct http_header header;
	const char *colon;

	if (!strip_cr(&line))
		return 400;
	colon = memchr(line.bytes, ':', line.length);
	if (!colon)
		return 400;
	header.name = (struct text){ line.bytes, (size_t)(colon - line.bytes) };
	header.value = trim((struct text){ colon + 1, line.length - header.name.length - 1 });
	/* A continued line begins with a blank, which is no token: obsolete, and refused. */
	if (!is_token(header.name) || !is_plain(header.value, true))
		return 400;
	/* Servers that take different ones of two, or parts of one, disagree on who is asked. */
	if (same(header.name, "host") &&
	    (http_request_count(request, "host") || !is_host(header.value)))
		return 400;
	if (!frames_once(request, &header))
		return 400;
	/* Malformed comes before too many: a line that is not complete can already be malformed. */
	if (request->header_count == HTTP_HEADERS_MOST)
		return 431;
	request->headers[request->header_count++] = header;
	return 0;
}

/* What stands there of a line that is not complete. */
static int incomplete(const char *start, const char *end)
{
	if (memchr(start, '\0', (size_t)(end - start)))
		return 400;
	return -EAGAIN;
}

int http_request_parse(const char *bytes, size_t length, struct http_request *request)
{
	const char *end = bytes + MIN(length, (size_t)HTTP_HEAD_MOST);
	const char *next = bytes;
	struct text line;
	int status;

	request->header_count = 0;
	request->method = (struct text){ bytes, 0 };
	/* Empty lines before a request are to be ignored (RFC 9112, 2.2). */
	while (end - next >= 2 && next[0] == '\r' && next[1] == '\n')
		next += 2;
	if (!take_line(&next, end, &line)) {
		status = incomplete(next, end);
	} else {
		status = parse_request_line(line, request);
		while (!status && take_line(&next, end, &line)) {
			if (line.length == 1 && line.bytes[0] == '\r') {
				request->length = (size_t)(next - bytes);
				return http_request_header(request, "host") ? 0 : 400;
			}
			status = parse_header(line, request);
		}
		if (!status)
			status = incomplete(next, end);
	}
	return status == -EAGAIN && length >= HTTP_HEAD_MOST ? 431 : status;
}

bool text_is(struct text text, const char *expected)
{
	return text.length == strlen(expected) && !memcmp(text.bytes, expected, text.length);
}

size_t http_request_count(const struct http_request *request, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++)
		count += same(request->headers[i].name, name);
	return count;
}

const struct text *http_request_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (same(request->headers[i].name, name))
			return &request->headers[i].value;
	return NULL;
}

bool http_request_has_body(const struct http_request *request)
{
	const struct text *length = http_request_header(request, "content-length");

	for (size_t i = 0; length && i < length->length; i++)
		if (length->bytes[i] != '0')
			return true;
	return http_request_header(request, "transfer-encoding") != NULL;
}

static bool lists(struct text value, const char *token)
{
	for (;;) {
		const char *comma = value.length ? memchr(value.bytes, ',', value.length) : NULL;
		size_t length = comma ? (size_t)(comma - value.bytes) : value.length;

		if (same(trim((struct text){ value.bytes, length }), token))
			return true;
		if (!comma)
			return false;
		value.bytes += length + 1;
		value.length -= length + 1;
	}
}

bool http_request_lists(const struct http_request *request, const char *name, const char *token)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (same(request->headers[i].name, name) && lists(request->headers[i].value, token))
			return true;
	return false;
}
