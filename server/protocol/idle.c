/*
 * idle.c - the protocol that says nothing: whatever comes is read and discarded.
 */
#include "server/protocol/protocol.h"

static int receive(int fd, const char *data, size_t length)
{
	(void)fd;
	(void)data;
	(void)length;
	return 0;
}

const struct protocol protocol_idle = {
	.name = "idle",
	.help = "read and discard",
	.receive = receive,
};
