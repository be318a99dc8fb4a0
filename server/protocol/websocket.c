/*
 * websocket.c - WebSocket (RFC 6455): says back every message. The handshake, and the buffers of
 * --websocket-buffers; websocket_dialog.h is what comes behind.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "allocators/allocator.h"
#include "server/options.h"
#include "server/protocol/http_answer.h"
#include "server/protocol/protocol.h"
#include "server/protocol/websocket_dialog.h"
#include "server/protocol/websocket_handshake.h"

/* As common libraries do it: everything goes through two buffers that the connection owns. */
static int take_buffered(struct dialog *dialog, const struct websocket *websocket,
			 const char *bytes, size_t length)
{
	size_t room = dialog->options->websocket_buffers;
	int answer = 0;

	while (!answer && length) {
		size_t piece = MIN(room, length);

		memcpy(websocket->buffers, bytes, piece);
		answer = websocket_hear(dialog, websocket->buffers, piece);
		bytes += piece;
		length -= piece;
	}
	return answer;
}

static int take_buffers(struct dialog *dialog)
{
	size_t bytes = 2 * dialog->options->websocket_buffers;
	struct websocket *websocket;

	if (!bytes)
		return 0;
	websocket = dialog_remember(dialog, sizeof(*websocket));
	if (!websocket)
		return -ENOMEM;
	websocket->buffers = allocator.take(bytes);
	if (!websocket->buffers)
		return -ENOMEM;
	memset(websocket->buffers, 0, bytes);
	dialog->account->state_bytes += bytes;
	return 0;
}

static int take_handshake(struct dialog *dialog, char *bytes, size_t length, struct text *rest)
{
	char accept[WEBSOCKET_ACCEPT], answer[160];
	struct http_request request;
	int status = http_hear(dialog, bytes, length, &request, rest);

	if (status)
		return status < 0 ? status : http_refuse(dialog, NULL, status, NULL);
	status = websocket_handshake(&request, accept);
	if (status != 101)
		return http_refuse(
			dialog, &request, status,
			status == 400 ? "a handshake has one key, one version and no body" : NULL);
	http_heard(dialog);
	dialog->connection->greeted = true;
	length = (size_t)snprintf(answer, sizeof(answer),
				  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
				  "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
				  accept);
	status = dialog_say(dialog, answer, length);
	return status ? status : take_buffers(dialog);
}

static int data(struct dialog *dialog, char *bytes, size_t length)
{
	struct text rest = { bytes, length };
	const struct websocket *websocket;
	int answer;

	if (!dialog->connection->greeted) {
		answer = take_handshake(dialog, bytes, length, &rest);
		if (answer)
			return answer == -EAGAIN ? 0 : answer;
	}
	websocket = websocket_of(dialog);
	if (websocket && websocket->buffers)
		return take_buffered(dialog, websocket, rest.bytes, rest.length);
	return websocket_hear(dialog, bytes + (rest.bytes - bytes), rest.length);
}

static int patience(struct dialog *dialog, uint64_t now)
{
	return dialog->connection->greeted ? websocket_patience(dialog, now)
					   : http_patience(dialog, now);
}

static void farewell(struct dialog *dialog)
{
	static const uint8_t going_away[] = { WEBSOCKET_GOING_AWAY >> 8,
					      WEBSOCKET_GOING_AWAY & 255 };

	if (dialog->connection->greeted)
		websocket_say_control(dialog, WEBSOCKET_CLOSE, going_away, sizeof(going_away));
}

static void close_websocket(struct dialog *dialog)
{
	struct websocket *websocket = websocket_of(dialog);
	size_t bytes = 2 * dialog->options->websocket_buffers;

	if (!dialog->connection->greeted)
		http_heard(dialog);
	else if (websocket) {
		buffer_give(websocket->message, dialog->account);
		if (websocket->buffers) {
			allocator.give(websocket->buffers, bytes);
			dialog->account->state_bytes -= bytes;
		}
	}
}

const struct protocol protocol_websocket = {
	.name = "websocket",
	.help = "RFC 6455: every message back",
	.websocket = true,
	.data = data,
	.patience = patience,
	.farewell = farewell,
	.close = close_websocket,
};
