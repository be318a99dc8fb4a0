/*
 * websocket.c - fuzzes WebSocket dialogs, handshake and frames: whether bytes come all at once, one
 * by one, or to a peer that takes a few at a time, the answer is the same, and in the end nothing
 * is kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/options.h"
#include "server/protocol/protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer is no longer than what it answers, but for the handshake, a refusal and a close. */
#define ANSWER_MOST(size) ((size) + 1024)

/* What the peer has got; it takes so many bytes in a call of send. */
struct peer {
	struct dialog dialog; /* first: a transport finds its peer by it */
	struct connection *connection;
	struct status_slot account;
	size_t takes;
	size_t length;
	size_t room;
	char *answer;
};

static void check(int holds)
{
	if (!holds)
		abort();
}

static ssize_t take(struct dialog *dialog, const char *bytes, size_t length)
{
	struct peer *peer = (struct peer *)dialog;

	length = length < peer->takes ? length : peer->takes;
	check(peer->length + length <= peer->room);
	memcpy(peer->answer + peer->length, bytes, length);
	peer->length += length;
	return (ssize_t)length;
}

static void waits(struct dialog *dialog)
{
	(void)dialog;
}

static int remind(struct dialog *dialog, enum dialog_timer timer)
{
	(void)dialog;
	(void)timer;
	return 0;
}

static const struct transport transport = { .send = take, .waits = waits, .remind = remind };

/* Gives the bytes in pieces of that size, until it says that it has ended. */
static int converse(struct peer *peer, const struct server_options *options, bool greeted,
		    const uint8_t *data, size_t size, size_t piece, size_t takes)
{
	char *copy = malloc(piece);
	int answer = 0;

	memset(peer, 0, sizeof(*peer));
	peer->connection = calloc(1, connection_size(0));
	peer->room = ANSWER_MOST(size);
	peer->answer = malloc(peer->room);
	peer->takes = takes;
	peer->connection->greeted = greeted;
	peer->dialog = (struct dialog){ .connection = peer->connection,
					.options = options,
					.transport = &transport,
					.account = &peer->account };
	for (size_t done = 0; done < size && !answer; done += piece) {
		size_t length = size - done < piece ? size - done : piece;

		memcpy(copy, data + done, length);
		answer = protocol_websocket.data(&peer->dialog, copy, length);
		while (dialog_waits(&peer->dialog))
			dialog_drain(&peer->dialog);
	}
	protocol_websocket.close(&peer->dialog);
	dialog_close(&peer->dialog);
	check(!peer->account.state_bytes && !peer->connection->state);
	free(peer->connection);
	free(copy);
	return answer;
}

static void compare(const struct server_options *options, bool greeted, const uint8_t *data,
		    size_t size)
{
	static const size_t pieces[] = { 1, 7, 300 };
	struct peer whole, part;
	int answer = converse(&whole, options, greeted, data, size, size, SIZE_MAX);

	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		check(converse(&part, options, greeted, data, size, pieces[i], 13) == answer);
		check(part.length == whole.length &&
		      !memcmp(part.answer, whole.answer, part.length));
		free(part.answer);
	}
	free(whole.answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct server_options options = { .timeout = 1, .protocol = &protocol_websocket };

	if (size < 2 || size > 8192)
		return 0;
	/* The first byte: with buffers, behind a handshake, with a small limit. */
	options.websocket_buffers = data[0] & 1 ? 64 : 0;
	options.websocket_limit = data[0] & 4 ? 200 : 0;
	compare(&options, data[0] & 2, data + 1, size - 1);
	return 0;
}
