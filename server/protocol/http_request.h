/*
 * http_request.h - reads the head of an HTTP/1.1 request (RFC 9112): a pure function over bytes.
 *
 * Knows no connection and keeps nothing: the result points into the bytes that were given.
 */
#ifndef SERVER_PROTOCOL_HTTP_REQUEST_H
#define SERVER_PROTOCOL_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_MOST	  8192 /* bytes of a request's head */
#define HTTP_HEADERS_MOST 64

/* Bytes that are not NUL-terminated. */
struct text {
	const char *bytes;
	size_t length;
};

struct http_header {
	struct text name;
	struct text value; /* without the white space around it */
};

struct http_request {
	struct text method; /* empty: it was not read */
	struct text target; /* from its path on, also where a whole address was asked for */
	size_t length;	    /* of the head, with the empty line that ends it */
	size_t header_count;
	struct http_header headers[HTTP_HEADERS_MOST];
};

/*
 * Returns 0 when the head is complete, -EAGAIN when more must come, or the status that answers it:
 * 400 (malformed, not one Host, or a body whose end is not known for sure), 431 (larger than
 * HTTP_HEAD_MOST, or more headers than HTTP_HEADERS_MOST), 505 (not HTTP/1.1 or later 1.x). What is
 * wrong is told as soon as it can be known.
 */
int http_request_parse(const char *bytes, size_t length, struct http_request *request);

/* The first header of that name in any case, or NULL. */
const struct text *http_request_header(const struct http_request *request, const char *name);

/* How many headers of that name, in any case, there are. */
size_t http_request_count(const struct http_request *request, const char *name);

/* Whether it announces a body that is not empty. */
bool http_request_has_body(const struct http_request *request);

/* Whether a header of that name lists the token, in any case (RFC 9110, 5.6.1). */
bool http_request_lists(const struct http_request *request, const char *name, const char *token);

bool text_is(struct text text, const char *expected);

#endif
