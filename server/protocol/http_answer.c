/*
 * http_answer.c - requests that come in pieces, and answers to those not served. See
 * http_answer.h.
 */
#include "server/protocol/http_answer.h"

#include <errno.h>
#include <stdio.h>
#include <sys/param.h>

static const struct refusal {
	int status;
	const char *phrase;
	const char *why;
	const char *headers;
} refusals[] = {
	{ 400, "Bad Request", "this is no request of HTTP/1.1 with one Host and at most one length",
	  "" },
	{ 404, "Not Found", "there is nothing of that name", "" },
	{ 405, "Method Not Allowed", "only GET is served", "Allow: GET\r\n" },
	{ 408, "Request Timeout", "the request did not come to its end in time", "" },
	{ 426, "Upgrade Required", "this is WebSocket, version 13",
	  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" },
	{ 431, "Request Header Fields Too Large",
	  "the head of a request may have 8192 bytes and 64 fields", "" },
	{ 505, "HTTP Version Not Supported", "only HTTP/1.1 is spoken", "" },
};

int http_refuse(struct dialog *dialog, const struct http_request *request, int status,
		const char *hint)
{
	/* The head of an answer to HEAD is all of it (RFC 9110, 9.3.2). */
	bool head = request && text_is(request->method, "HEAD");
	const struct refusal *refusal = refusals;
	char body[256], answer[512];
	int length;

	while (refusal->status != status)
		refusal++;
	length = snprintf(body, sizeof(body), "%d %s: %s%s%s\n", status, refusal->phrase,
			  refusal->why, hint ? "; " : "", hint ? hint : "");
	length = snprintf(answer, sizeof(answer),
			  "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
			  "%sConnection: %s\r\n\r\n%s",
			  status, refusal->phrase, length, refusal->headers,
			  status == 426 ? "close, upgrade" : "close", head ? "" : body);
	length = dialog_say(dialog, answer, (size_t)length);
	return length ? length : DIALOG_END;
}

/* No more than would make it too large. */
static int keep(struct dialog *dialog, const char *bytes, size_t length)
{
	struct http_asking *asking = dialog_remember(dialog, sizeof(*asking));
	size_t have, room;
	int error;

	if (!asking)
		return -ENOMEM;
	have = asking->in ? asking->in->end : 0;
	room = HTTP_HEAD_MOST - have;
	error = buffer_add(&asking->in, bytes, MIN(length, room), dialog->account);
	if (!error && !have) {
		asking->in->deadline = dialog_deadline(dialog);
		error = dialog_expect(dialog);
	}
	return error;
}

/* NULL also where nothing is remembered but bytes that wait. */
static struct http_asking *asking_of(const struct dialog *dialog)
{
	struct state *state = dialog->connection->state;

	return state && state->size > sizeof(*state) ? (struct http_asking *)state : NULL;
}

static struct buffer *kept(const struct dialog *dialog)
{
	const struct http_asking *asking = asking_of(dialog);

	return asking ? asking->in : NULL;
}

/* In one piece, as nearly all requests come, or joined with what is kept. */
int http_hear(struct dialog *dialog, char *bytes, size_t length, struct http_request *request,
	      struct text *rest)
{
	size_t before = kept(dialog) ? kept(dialog)->end : 0;
	int status;

	if (before) {
		status = keep(dialog, bytes, length);
		if (status)
			return status;
		status = http_request_parse(kept(dialog)->bytes, kept(dialog)->end, request);
	} else {
		status = http_request_parse(bytes, length, request);
		if (status == -EAGAIN) {
			int error = keep(dialog, bytes, length);

			status = error ? error : status;
		}
	}
	if (!status)
		*rest = (struct text){ bytes + (request->length - before),
				       length - (request->length - before) };
	return status;
}

void http_heard(struct dialog *dialog)
{
	struct http_asking *asking = asking_of(dialog);

	if (!asking)
		return;
	buffer_give(asking->in, dialog->account);
	asking->in = NULL;
	dialog_forget(dialog);
}

int http_patience(struct dialog *dialog, uint64_t now)
{
	const struct buffer *in = kept(dialog);

	if (!in)
		return 0;
	return in->deadline <= now ? http_refuse(dialog, NULL, 408, NULL) : dialog_expect(dialog);
}
