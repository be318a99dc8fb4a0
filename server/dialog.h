/*
 * dialog.h - what a protocol may do with a connection: say, remember, be reminded.
 *
 * A protocol knows neither sockets nor architectures; it is called with a dialog and answers
 * through it. How bytes travel is the transport's business, which an architecture brings along. All
 * that is kept here is in the plug-in's memory and counted as protocol state.
 */
#ifndef SERVER_DIALOG_H
#define SERVER_DIALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "server/base/status.h"
#include "server/buffer.h"
#include "server/connection.h"

/* A protocol's callback answers 0 to go on, -errno to have the connection closed at once, or: */
#define DIALOG_END 1 /* what has been said is still sent, then it is closed in order */

enum dialog_timer {
	DIALOG_TICK,	 /* a period of the protocol is over */
	DIALOG_PATIENCE, /* time to look whether the peer has kept its deadline */
	DIALOG_LINGER,	 /* --timeout since our side was shut is over */
	DIALOG_TIMERS,
};

struct dialog;

struct transport {
	/* Sends at once what goes at once: how many bytes that was, or -errno. */
	ssize_t (*send)(struct dialog *dialog, const char *bytes, size_t length);
	/* Bytes wait in state->out for a peer that reads slowly, or none any more. */
	void (*waits)(struct dialog *dialog);
	/* Has the timer come up for this connection when its period is over. */
	int (*remind)(struct dialog *dialog, enum dialog_timer timer);
	/* The connection is about to be closed. NULL: that is nothing to the transport. */
	void (*closing)(struct dialog *dialog);
};

/*
 * The start of what is remembered of a connection. A protocol appends its own fields; length and
 * number are the protocol's, too, and stand where there would be padding.
 */
struct state {
	struct buffer *out; /* what the peer has not taken yet, a list */
	uint16_t size;	    /* of the whole, in bytes */
	uint16_t length;
	uint32_t number;
};

struct server_options;

struct dialog {
	struct connection *connection; /* the one that is spoken with */
	const struct server_options *options;
	const struct transport *transport;
	struct status_slot *account;
};

/* Says this: sends it or keeps what cannot be sent yet. Returns 0 or -errno. */
int dialog_say(struct dialog *dialog, const char *bytes, size_t length);

/* The same for the bytes of a buffer from begin to end, which is given back. */
int dialog_say_buffer(struct dialog *dialog, struct buffer *buffer);

/* What is remembered, taken with so many bytes, zero behind struct state, if there is none yet. */
void *dialog_remember(struct dialog *dialog, size_t size);

/* Replaces it by one of another size, keeping what waits. NULL: no memory; it is as it was. */
void *dialog_replace(struct dialog *dialog, size_t size);

/* Gives it back, unless bytes wait. */
void dialog_forget(struct dialog *dialog);

/* Has the protocol's tick called one period from now. */
int dialog_tick_later(struct dialog *dialog);

/* The peer owes something: starts the timer unless it runs. Returns 0 or -ENOMEM. */
int dialog_expect(struct dialog *dialog);

/* How long that timer runs, in ns. */
uint64_t dialog_period(const struct dialog *dialog, enum dialog_timer timer);

/* The moment until which the peer may owe what begins now. */
uint64_t dialog_deadline(const struct dialog *dialog);

/* For architectures: sends what waits. Returns 0 when all is sent, -EAGAIN, or -errno. */
int dialog_drain(struct dialog *dialog);

/*
 * For transports: the peer has taken so many bytes of the first buffer that waits. Returns whether
 * these were all of it; it is given back then.
 */
bool dialog_sent(struct dialog *dialog, size_t length);

/* For transports: these bytes, which send had promised to send, wait before all others. */
int dialog_wait_first(struct dialog *dialog, const char *bytes, size_t length);

/* For architectures: gives all back. */
void dialog_close(struct dialog *dialog);

static inline bool dialog_waits(const struct dialog *dialog)
{
	return dialog->connection->state && dialog->connection->state->out;
}

#endif
