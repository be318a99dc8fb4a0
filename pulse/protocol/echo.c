/*
 * echo.c - a message that must come back byte for byte.
 */
#include <sys/param.h>

#include "pulse/protocol/payload.h"
#include "pulse/protocol/protocol.h"

static size_t write_echo(const struct script *script, const struct talk *talk, uint32_t id,
			 uint64_t from, uint8_t *bytes, size_t room)
{
	size_t count = MIN(script->message - from, room);

	(void)id;
	payload_write(talk->issued, from, bytes, count);
	return count;
}

/* Bytes that have not been sent yet, or not asked for, are wrong whatever they are. */
static enum heard take_echo(struct talk *talk, struct hearing *hearing)
{
	size_t count = MIN(hearing->length, talk->sent - talk->got);

	if (!talk->waiting || !count ||
	    !payload_matches(talk->issued, talk->got, hearing->bytes, count))
		return HEARD_WRONG;
	talk->got += (uint32_t)count;
	hearing->used = count;
	return talk->got == hearing->script->message ? HEARD_ANSWER : HEARD_PART;
}

const struct pulse_protocol pulse_echo = {
	.name = "echo",
	.help = "a message with its time stamp, which must come back byte for byte",
	.asks = true,
	.hears = true,
	.write = write_echo,
	.take = take_echo,
};
