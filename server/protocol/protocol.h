/*
 * protocol.h - what is said on a connection: one file and one row in protocol.c each.
 */
#ifndef SERVER_PROTOCOL_PROTOCOL_H
#define SERVER_PROTOCOL_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "server/dialog.h"

struct protocol {
	const char *name;
	const char *help;
	uint64_t period; /* ns between two ticks of a connection; 0: it has none */
	bool websocket;	 /* takes the --websocket options */
	/*
	 * The callbacks return 0, DIALOG_END or -errno; those that are NULL have nothing to do.
	 * Data came. The buffer is the loop's: it may be written to, and is gone when this returns.
	 */
	int (*data)(struct dialog *dialog, char *data, size_t length);
	/* dialog_tick_later() was a period ago. */
	int (*tick)(struct dialog *dialog);
	/*
	 * Some time after dialog_expect(): ends what the peer has left half done when its deadline
	 * is over, else calls dialog_expect() again.
	 */
	int (*patience)(struct dialog *dialog, uint64_t now);
	/* The server ends: a last word. */
	void (*farewell)(struct dialog *dialog);
	/* The connection is closed: gives back what hangs on its state. */
	void (*close)(struct dialog *dialog);
};

extern const struct protocol protocol_idle;
extern const struct protocol protocol_echo;
extern const struct protocol protocol_feed;
extern const struct protocol protocol_websocket;

/* NULL when there is none of that name. */
const struct protocol *protocol_find(const char *name);

/* Prints the protocols, a line each. */
void protocol_help(FILE *file);

#define EXPECTS_PROTOCOL "a protocol (idle, echo, feed, websocket)"

#endif
