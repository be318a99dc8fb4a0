/*
 * utf8.c - checks UTF-8 that comes in pieces. See utf8.h.
 */
#include "server/protocol/utf8.h"

#include <string.h>

/* The well-formed sequences, by their first byte (The Unicode Standard, table 3-7). */
static bool begin(struct utf8 *utf8, uint8_t byte)
{
	utf8->least = 0x80;
	utf8->most = 0xbf;
	if (byte >= 0xc2 && byte <= 0xdf) {
		utf8->left = 1;
	} else if ((byte & 0xf0) == 0xe0) {
		utf8->left = 2;
		if (byte == 0xe0)
			utf8->least = 0xa0; /* else it would fit into two bytes */
		if (byte == 0xed)
			utf8->most = 0x9f; /* else it would be half a surrogate pair */
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		utf8->left = 3;
		if (byte == 0xf0)
			utf8->least = 0x90; /* else it would fit into three bytes */
		if (byte == 0xf4)
			utf8->most = 0x8f; /* else it would be beyond U+10FFFF */
	} else {
		return byte < 0x80;
	}
	return true;
}

/* How many bytes from here on are ASCII, at the least, eight at a time. */
static size_t skip_ascii(const uint8_t *bytes, size_t length)
{
	size_t done = 0;
	uint64_t word;

	for (; done + sizeof(word) <= length; done += sizeof(word)) {
		memcpy(&word, bytes + done, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return done;
}

bool utf8_check(struct utf8 *utf8, const uint8_t *bytes, size_t length)
{
	size_t i = 0;

	while (i < length) {
		if (!utf8->left) {
			i += skip_ascii(bytes + i, length - i);
			if (i < length && !begin(utf8, bytes[i++]))
				return false;
			continue;
		}
		if (bytes[i] < utf8->least || bytes[i] > utf8->most)
			return false;
		utf8->least = 0x80;
		utf8->most = 0xbf;
		utf8->left--;
		i++;
	}
	return true;
}
