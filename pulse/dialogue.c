/*
 * dialogue.c - says and hears on one connection, whatever its protocol. See slots.h.
 *
 * An operation costs one send() and one recv(): sockets are registered once, edge-triggered, and a
 * recv() that does not fill the buffer has emptied the socket (epoll(7)).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "pulse/slots.h"
#include "server/base/clock.h"

#define READS 32 /* of a connection, before others have their turn */

/* Loops that share a pulse number their connections as they do for sources. */
static uint32_t id_of(const struct connector *connector, const struct slot *slot)
{
	return (uint32_t)(slot - connector->slots) * connector->pulse->loops +
	       connector->pulse->index;
}

/* --- saying ------------------------------------------------------------------------------------
 */

bool dialogue_is_due(const struct talk *talk, enum words words)
{
	return talk->due & 1u << words;
}

void dialogue_owe(struct talk *talk, enum words words)
{
	talk->due |= (uint8_t)(1u << words);
}

static bool holds_pong(const struct talk *talk)
{
	return talk->saying == SAY_PONG || dialogue_is_due(talk, SAY_PONG);
}

/* The newest ping's payload, which from here on must not change. */
static void begin_pong(struct carry *carry)
{
	memcpy(carry->pong, carry->ping, carry->ping_length);
	carry->pong_length = carry->ping_length;
}

/* Takes up the next words that are due; false when there are none. */
static bool begin_words(struct talk *talk)
{
	static const enum words order[] = { SAY_HELLO, SAY_PONG, SAY_REQUEST, SAY_BYE, SAY_AWAY };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (!dialogue_is_due(talk, order[i]))
			continue;
		talk->due &= (uint8_t) ~(1u << order[i]);
		talk->saying = order[i];
		talk->sent = 0;
		if (order[i] == SAY_REQUEST || order[i] == SAY_BYE)
			talk->issued = clock_now();
		else if (order[i] == SAY_PONG)
			begin_pong(talk->carry);
		return true;
	}
	return false;
}

static void end_words(struct talk *talk)
{
	bool pong = talk->saying == SAY_PONG;

	talk->saying = SAY_NOTHING;
	if (pong && !talk->carry->length && !dialogue_is_due(talk, SAY_PONG)) {
		free(talk->carry);
		talk->carry = NULL;
	}
}

int dialogue_say(struct connector *connector, struct slot *slot)
{
	struct conversation *conversation = &connector->conversation;
	const struct script *script = &conversation->speech.script;
	struct talk *talk = &slot->talk;

	while (talk->saying || begin_words(talk)) {
		size_t length = script->protocol->write(script, talk, id_of(connector, slot),
							talk->sent, conversation->out, BUFFER);
		ssize_t sent;

		if (!length) {
			end_words(talk);
			continue;
		}
		sent = send(slot->fd, conversation->out, length, MSG_NOSIGNAL);
		if (sent < 0)
			return errno == EAGAIN ? 0 : -errno;
		talk->sent += (uint32_t)sent;
		connector->pulse->traffic.bytes_sent += (uint64_t)sent;
	}
	return 0;
}

/* --- what came ---------------------------------------------------------------------------------
 */

static void take_chunk(struct connector *connector, const struct hearing *hearing)
{
	struct traffic *traffic = &connector->pulse->traffic;

	traffic_count(traffic, hearing->now);
	if (hearing->lateness == UINT64_MAX)
		return;
	histogram_record(&traffic->corrected, hearing->lateness);
	traffic->late += hearing->lateness > TRAFFIC_LATE;
}

/* Room for an unfinished beginning, and for a pong. */
static struct carry *make_carry(struct talk *talk, size_t length)
{
	struct carry *carry = realloc(talk->carry, sizeof(*carry) + length);

	if (carry && !talk->carry)
		carry->length = 0;
	if (carry)
		talk->carry = carry;
	return carry;
}

/* Only the newest of several pings must be answered (RFC 6455, 5.5.3). */
static int take_ping(struct connector *connector, struct slot *slot, const struct hearing *hearing)
{
	struct talk *talk = &slot->talk;
	struct carry *carry = make_carry(talk, talk->carry ? talk->carry->length : 0);

	if (!carry)
		return -ENOMEM;
	memcpy(carry->ping, hearing->pong, hearing->pong_length);
	carry->ping_length = hearing->pong_length;
	dialogue_owe(talk, SAY_PONG);
	return dialogue_say(connector, slot);
}

static void take_ready(struct connector *connector, struct slot *slot, uint64_t now)
{
	connector_establish(connector, slot, now);
	if (slots_protocol(connector)->asks)
		return;
	slot->talk.waiting = true;
	slot->talk.planned = now + connector->conversation.speech.script.period;
	slot->talk.issued = slot->talk.planned; /* from here on a chunk is overdue */
}

static int take(struct connector *connector, struct slot *slot, enum heard heard,
		const struct hearing *hearing)
{
	switch (heard) {
	case HEARD_READY:
		take_ready(connector, slot, hearing->now);
		return 0;
	case HEARD_ANSWER:
		return conversation_answered(connector, slot, hearing->now);
	case HEARD_CHUNK:
		take_chunk(connector, hearing);
		return 0;
	case HEARD_PING:
		return take_ping(connector, slot, hearing);
	case HEARD_END:
		return slot->state == SLOT_LEAVING ? 1 : -ECONNRESET;
	case HEARD_WRONG:
		return -EBADMSG;
	default:
		return 0;
	}
}

/* What is not whole waits in a carry. Returns 0 or -errno. */
static int keep(struct talk *talk, const uint8_t *bytes, size_t length)
{
	struct carry *carry;

	if (length > CARRY_MOST)
		return -EBADMSG;
	if (!length && !holds_pong(talk)) {
		free(talk->carry);
		talk->carry = NULL;
		return 0;
	}
	carry = make_carry(talk, length);
	if (!carry)
		return -ENOMEM;
	memcpy(carry->bytes, bytes, length);
	carry->length = (uint32_t)length;
	return 0;
}

static int take_bytes(struct connector *connector, struct slot *slot, const uint8_t *bytes,
		      size_t length, uint64_t now)
{
	struct hearing hearing = {
		.script = &connector->conversation.speech.script,
		.id = id_of(connector, slot),
		.now = now,
		.bytes = bytes,
		.length = length,
	};

	while (hearing.length) {
		enum heard heard = slots_protocol(connector)->take(&slot->talk, &hearing);
		int error = take(connector, slot, heard, &hearing);

		if (error)
			return error;
		if (heard == HEARD_NOTHING)
			break;
		hearing.bytes += hearing.used;
		hearing.length -= hearing.used;
	}
	return slot->talk.carry || hearing.length ? keep(&slot->talk, hearing.bytes, hearing.length)
						  : 0;
}

/* One read, and what it brings. Returns as dialogue_hear(); *full: there may be more. */
static int read_once(struct connector *connector, struct slot *slot, uint64_t now, bool *full)
{
	uint8_t *in = connector->conversation.in;
	const struct carry *carry = slot->talk.carry;
	size_t kept = carry ? carry->length : 0;
	ssize_t got;
	int error;

	*full = false;
	if (kept)
		memcpy(in, carry->bytes, kept);
	got = recv(slot->fd, in + kept, BUFFER, 0);
	if (got < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (!got)
		return -ECONNRESET;
	*full = got == BUFFER;
	connector->pulse->traffic.bytes_received += (uint64_t)got;
	error = take_bytes(connector, slot, in, kept + (size_t)got, now);
	if (error == -EBADMSG)
		connector->pulse->traffic.wrong++;
	return error;
}

/* What the first read brings had come by then; what the others bring, perhaps not. */
int dialogue_hear(struct connector *connector, struct slot *slot, uint64_t now)
{
	bool full = true;
	int error = 0;

	for (int i = 0; !error && full && i < READS; i++)
		error = read_once(connector, slot, i ? clock_now() : now, &full);
	return error || !full ? error : connector_look_again(connector, slot);
}
