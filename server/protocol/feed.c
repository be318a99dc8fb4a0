/*
 * feed.c - a chunk a second for ever: GET /test/ID, answered by HTTP/1.1 in chunked encoding.
 *
 * Each connection has its own phase, counted from its request. Of a connection that is fed, the ID
 * and the number of the chunk are remembered, and its timer; nothing else.
 */
#include <errno.h>
#include <string.h>

#include "server/base/units.h"
#include "server/protocol/http_answer.h"
#include "server/protocol/protocol.h"

#define ID_MOST 64
#define CHUNK	128 /* room for any chunk with its frame */
#define GREETING                                                                                   \
	"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n"               \
	"Transfer-Encoding: chunked\r\n\r\n"

/* state.number: of the newest chunk; state.length: of the ID. */
struct feed {
	struct state state;
	char id[];
};

static char *put(char *to, const char *text, size_t length)
{
	memcpy(to, text, length);
	return to + length;
}

static char *put_number(char *to, uint32_t number)
{
	char digits[10];
	size_t count = 0;

	do
		digits[sizeof(digits) - ++count] = (char)('0' + number % 10);
	while (number /= 10);
	return put(to, digits + sizeof(digits) - count, count);
}

/* "1b\r\nChunk 4 for id 4711\n\r\n"; number 0 is the greeting. Returns its length. */
static size_t write_chunk(char chunk[CHUNK], const char *id, size_t length, uint32_t number)
{
	static const char hex[] = "0123456789abcdef";
	char *at = chunk + 4;
	size_t size;

	if (number) {
		at = put(at, "Chunk ", 6);
		at = put_number(at, number);
		at = put(at, " for id ", 8);
	} else {
		at = put(at, "Hello, id ", 10);
	}
	at = put(at, id, length);
	*at++ = '\n';
	size = (size_t)(at - chunk) - 4;
	/* Two digits, for ID_MOST bytes and the words around them do not need three. */
	chunk[0] = hex[size / 16];
	chunk[1] = hex[size % 16];
	memcpy(chunk + 2, "\r\n", 2);
	at = put(at, "\r\n", 2);
	return (size_t)(at - chunk);
}

static int tick(struct dialog *dialog)
{
	struct feed *feed = (struct feed *)dialog->connection->state;
	char chunk[CHUNK];
	size_t length;
	int error;

	length = write_chunk(chunk, feed->id, feed->state.length, ++feed->state.number);
	error = dialog_say(dialog, chunk, length);
	return error ? error : dialog_tick_later(dialog);
}

/* The ID, when it is a word that can stand in a path as it is. */
static bool find_id(struct text target, struct text *id)
{
	static const char prefix[] = "/test/";
	size_t skip = sizeof(prefix) - 1;

	if (target.length <= skip || target.length - skip > ID_MOST ||
	    memcmp(target.bytes, prefix, skip) != 0)
		return false;
	*id = (struct text){ target.bytes + skip, target.length - skip };
	for (size_t i = 0; i < id->length; i++) {
		char c = id->bytes[i];

		if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' ||
		      c == '_' || c == '.' || c == '~'))
			return false;
	}
	return true;
}

static int begin(struct dialog *dialog, struct text id)
{
	char answer[sizeof(GREETING) + CHUNK];
	size_t length = sizeof(GREETING) - 1;
	char name[ID_MOST];
	struct feed *feed;
	int error;

	memcpy(name, id.bytes, id.length);
	http_heard(dialog); /* the ID stood in what is given back by this */
	feed = dialog_replace(dialog, sizeof(*feed) + id.length);
	if (!feed)
		return -ENOMEM;
	feed->state.length = (uint16_t)id.length;
	memcpy(feed->id, name, id.length);
	dialog->connection->greeted = true;
	memcpy(answer, GREETING, length);
	length += write_chunk(answer + length, name, id.length, 0);
	error = dialog_say(dialog, answer, length);
	return error ? error : dialog_tick_later(dialog);
}

static int data(struct dialog *dialog, char *bytes, size_t length)
{
	struct http_request request;
	struct text rest, id;
	int status;

	/* An answer that never ends leaves nothing for a second request. */
	if (dialog->connection->greeted)
		return 0;
	status = http_hear(dialog, bytes, length, &request, &rest);
	if (status)
		return status == -EAGAIN ? 0
		       : status < 0	 ? status
					 : http_refuse(dialog, NULL, status, NULL);
	if (!text_is(request.method, "GET"))
		return http_refuse(dialog, &request, 405, NULL);
	if (!find_id(request.target, &id))
		return http_refuse(dialog, &request, 404,
				   "ask for /test/ID, with an ID of up to 64 letters and digits");
	return begin(dialog, id);
}

static int patience(struct dialog *dialog, uint64_t now)
{
	return dialog->connection->greeted ? 0 : http_patience(dialog, now);
}

static void close_feed(struct dialog *dialog)
{
	if (!dialog->connection->greeted)
		http_heard(dialog);
}

const struct protocol protocol_feed = {
	.name = "feed",
	.help = "HTTP/1.1 GET /test/ID: a greeting, then a chunk a second for ever",
	.period = NS_PER_S,
	.data = data,
	.tick = tick,
	.patience = patience,
	.close = close_feed,
};
