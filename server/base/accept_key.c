/*
 * accept_key.c - the proof in a WebSocket handshake. See accept_key.h.
 *
 * SHA-1 (FIPS 180-4) for one short text: the key and a constant are 60 bytes, two blocks with the
 * padding. It protects nothing here, which is why no cryptographic library is needed for it.
 */
#include "server/base/accept_key.h"

#include <string.h>

#define GUID  "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455, 1.3 */
#define BLOCK 64

static uint32_t rotate(uint32_t word, unsigned int bits)
{
	return word << bits | word >> (32 - bits);
}

static void expand(const uint8_t block[BLOCK], uint32_t words[80])
{
	for (unsigned int i = 0; i < 16; i++)
		words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
			   (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (unsigned int i = 16; i < 80; i++)
		words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
}

static uint32_t mix(unsigned int round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round / 20) {
	case 0:
		return ((b & c) | (~b & d)) + 0x5a827999;
	case 1:
		return (b ^ c ^ d) + 0x6ed9eba1;
	case 2:
		return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	default:
		return (b ^ c ^ d) + 0xca62c1d6;
	}
}

static void add_block(uint32_t state[5], const uint8_t block[BLOCK])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
	uint32_t words[80];

	expand(block, words);
	for (unsigned int i = 0; i < 80; i++) {
		uint32_t next = rotate(a, 5) + mix(i, b, c, d) + e + words[i];

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

void base64_encode(const uint8_t *bytes, size_t length, char *text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < length; i += 3) {
		uint32_t word = (uint32_t)bytes[i] << 16;

		word |= i + 1 < length ? (uint32_t)bytes[i + 1] << 8 : 0;
		word |= i + 2 < length ? bytes[i + 2] : 0;
		*text++ = digits[word >> 18];
		*text++ = digits[word >> 12 & 63];
		*text++ = i + 1 < length ? digits[word >> 6 & 63] : '=';
		*text++ = i + 2 < length ? digits[word & 63] : '=';
	}
	*text = '\0';
}

void websocket_accept_key(const char key[WEBSOCKET_KEY], char accept[WEBSOCKET_ACCEPT + 1])
{
	uint32_t state[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };
	uint8_t text[2 * BLOCK] = { 0 };
	size_t length = WEBSOCKET_KEY + sizeof(GUID) - 1;
	uint8_t digest[sizeof(state)];

	memcpy(text, key, WEBSOCKET_KEY);
	memcpy(text + WEBSOCKET_KEY, GUID, sizeof(GUID) - 1);
	text[length] = 0x80;
	text[sizeof(text) - 2] = (uint8_t)(length * 8 >> 8);
	text[sizeof(text) - 1] = (uint8_t)(length * 8);
	add_block(state, text);
	add_block(state, text + BLOCK);
	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
	base64_encode(digest, sizeof(digest), accept);
}
