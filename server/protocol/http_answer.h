/*
 * http_answer.h - answers to requests that are not served: a status with a line that says why.
 */
#ifndef SERVER_PROTOCOL_HTTP_ANSWER_H
#define SERVER_PROTOCOL_HTTP_ANSWER_H

#include "server/dialog.h"
#include "server/protocol/http_request.h"

/* The state of a dialog whose request has come half. */
struct http_asking {
	struct state state;
	struct buffer *in;
};

/*
 * Reads a request out of the bytes that came, and those that came before; what is not complete is
 * kept. Returns as http_request_parse(), or -ENOMEM. *request, and *rest, the bytes behind it,
 * point into the loop's buffer or into asking->in: done with them, call http_heard().
 */
int http_hear(struct dialog *dialog, char *bytes, size_t length, struct http_request *request,
	      struct text *rest);

/* Gives back what was kept of the request. */
void http_heard(struct dialog *dialog);

/* A protocol's patience while the request has not come: 0, or it was answered by 408. */
int http_patience(struct dialog *dialog, uint64_t now);

/*
 * Says that status, with a body that explains it, except to HEAD. request is NULL when none came.
 * Returns DIALOG_END or -errno.
 */
int http_refuse(struct dialog *dialog, const struct http_request *request, int status,
		const char *hint);

#endif
