/*
 * payload.c - the bytes of a message. See payload.h.
 */
#include "pulse/protocol/payload.h"

#include <string.h>
#include <sys/param.h>

/* Differs between messages and does not repeat with the sizes of buffers. */
static uint8_t pattern(uint64_t stamp, uint64_t place)
{
	return (uint8_t)(stamp + 7 * place + (place >> 8) + (place >> 16));
}

void payload_write(uint64_t stamp, uint64_t from, uint8_t *bytes, size_t count)
{
	size_t i = 0;

	for (; i < count && from + i < sizeof(stamp); i++)
		bytes[i] = (uint8_t)(stamp >> (8 * (sizeof(stamp) - 1 - (from + i))));
	for (; i < count; i++)
		bytes[i] = pattern(stamp, from + i);
}

bool payload_matches(uint64_t stamp, uint64_t from, const uint8_t *bytes, size_t count)
{
	uint8_t expected[1024];

	while (count) {
		size_t piece = MIN(count, sizeof(expected));

		payload_write(stamp, from, expected, piece);
		if (memcmp(bytes, expected, piece) != 0)
			return false;
		from += piece;
		bytes += piece;
		count -= piece;
	}
	return true;
}
