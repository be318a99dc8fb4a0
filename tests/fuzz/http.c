/*
 * http.c - fuzzes heads of requests: what is given in pieces must come to the same as the whole,
 * and nothing of the result may lie outside of what was given.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/http_request.h"
#include "server/protocol/websocket_handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_inside(struct text text, const char *bytes, size_t length)
{
	check(text.bytes >= bytes && text.bytes + text.length <= bytes + length);
}

static void check_request(const struct http_request *request, const char *bytes, size_t length)
{
	char accept[WEBSOCKET_ACCEPT];

	check(request->length <= length && request->length <= HTTP_HEAD_MOST);
	check(request->header_count <= HTTP_HEADERS_MOST);
	check_inside(request->method, bytes, request->length);
	check_inside(request->target, bytes, request->length);
	for (size_t i = 0; i < request->header_count; i++) {
		check_inside(request->headers[i].name, bytes, request->length);
		check_inside(request->headers[i].value, bytes, request->length);
	}
	websocket_handshake(request, accept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request request, piece;
	/* A copy of its own for each length, so that a read behind its end is seen. */
	int whole = http_request_parse((const char *)data, size, &request);
	size_t step = size > 512 ? size / 256 : 1;

	if (!whole)
		check_request(&request, (const char *)data, size);
	for (size_t length = 0; length < size; length += step) {
		char *copy = malloc(length + !length);
		int status;

		memcpy(copy, data, length);
		status = http_request_parse(copy, length, &piece);
		if (!status) {
			check(!whole && piece.length == request.length);
			check_request(&piece, copy, length);
		} else if (status != -EAGAIN) {
			check(status == whole);
		}
		free(copy);
	}
	return 0;
}
