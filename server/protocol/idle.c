/*
 * idle.c - the protocol that says nothing: whatever comes is read and discarded.
 */
#include "server/protocol/protocol.h"

static int data(struct dialog *dialog, char *bytes, size_t length)
{
	(void)dialog;
	(void)bytes;
	(void)length;
	return 0;
}

const struct protocol protocol_idle = {
	.name = "idle",
	.help = "read and discard",
	.data = data,
};
