/*
 * echo.c - the protocol that says what it hears. A connection holds memory only while its peer is
 * slow to read.
 */
#include "server/protocol/protocol.h"

static int data(struct dialog *dialog, char *bytes, size_t length)
{
	return dialog_say(dialog, bytes, length);
}

const struct protocol protocol_echo = {
	.name = "echo",
	.help = "any bytes back",
	.data = data,
};
