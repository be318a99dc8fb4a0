/*
 * utf8.h - checks UTF-8 (RFC 3629) that comes in pieces: a pure function over bytes.
 */
#ifndef SERVER_PROTOCOL_UTF8_H
#define SERVER_PROTOCOL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Inside a character: how many bytes are to come, and between which bounds the next one lies. */
struct utf8 {
	uint8_t left;
	uint8_t least;
	uint8_t most;
};

/* Goes on behind what *utf8, zero at first, has seen. False: what came is not UTF-8. */
bool utf8_check(struct utf8 *utf8, const uint8_t *bytes, size_t length);

/* Whether it may end here. */
static inline bool utf8_complete(const struct utf8 *utf8)
{
	return !utf8->left;
}

#endif
