/*
 * websocket_frame.c - the frames of WebSocket. See websocket_frame.h.
 */
#include "server/protocol/websocket_frame.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "server/protocol/utf8.h"

#define FINAL	 0x80
#define RESERVED 0x70
#define MASKED	 0x80
#define LENGTH16 126
#define LENGTH64 127

/* The length behind the first two bytes, in the fewest bytes that hold it (5.2). */
static int parse_length(const uint8_t *bytes, uint8_t code, uint64_t *length)
{
	uint16_t short_length;
	uint64_t long_length;

	if (code < LENGTH16) {
		*length = code;
		return 0;
	}
	if (code == LENGTH16) {
		memcpy(&short_length, bytes, sizeof(short_length));
		*length = be16toh(short_length);
		return *length < LENGTH16 ? WEBSOCKET_PROTOCOL_ERROR : 0;
	}
	memcpy(&long_length, bytes, sizeof(long_length));
	*length = be64toh(long_length);
	return *length <= UINT16_MAX || *length > INT64_MAX ? WEBSOCKET_PROTOCOL_ERROR : 0;
}

int websocket_frame_parse(const uint8_t *bytes, size_t length, struct websocket_frame *frame)
{
	uint8_t code, wide;
	int error;

	if (length < 2)
		return length && (bytes[0] & RESERVED) ? WEBSOCKET_PROTOCOL_ERROR : -EAGAIN;
	frame->final = bytes[0] & FINAL;
	frame->opcode = bytes[0] & 0x0f;
	code = bytes[1] & 0x7f;
	wide = code == LENGTH16 ? 2 : code == LENGTH64 ? 8 : 0;
	/* No extension was agreed on, and a client masks all it sends (5.1, 5.2). */
	if ((bytes[0] & RESERVED) || !(bytes[1] & MASKED) || (frame->opcode & 7) > 2)
		return WEBSOCKET_PROTOCOL_ERROR;
	if (websocket_is_control(frame->opcode) && (!frame->final || wide))
		return WEBSOCKET_PROTOCOL_ERROR;
	frame->header = (uint8_t)(2 + wide + sizeof(frame->mask));
	if (length < 2u + wide)
		return -EAGAIN;
	error = parse_length(bytes + 2, code, &frame->length);
	if (error)
		return error;
	if (length < frame->header)
		return -EAGAIN;
	memcpy(frame->mask, bytes + 2 + wide, sizeof(frame->mask));
	return 0;
}

size_t websocket_frame_write(uint8_t *bytes, bool final, uint8_t opcode, uint64_t length)
{
	uint16_t short_length = htobe16((uint16_t)length);
	uint64_t long_length = htobe64(length);

	bytes[0] = (uint8_t)(final ? FINAL | opcode : opcode);
	if (length < LENGTH16) {
		bytes[1] = (uint8_t)length;
		return 2;
	}
	if (length <= UINT16_MAX) {
		bytes[1] = LENGTH16;
		memcpy(bytes + 2, &short_length, sizeof(short_length));
		return 2 + sizeof(short_length);
	}
	bytes[1] = LENGTH64;
	memcpy(bytes + 2, &long_length, sizeof(long_length));
	return 2 + sizeof(long_length);
}

void websocket_unmask(uint8_t *to, const uint8_t *from, size_t length, const uint8_t mask[4],
		      uint64_t offset)
{
	uint8_t turned[8];
	uint64_t wide, word;
	size_t i = 0;

	for (size_t k = 0; k < sizeof(turned); k++)
		turned[k] = mask[(offset + k) % 4];
	memcpy(&wide, turned, sizeof(wide));
	/* Each word is read before it is written, so to may be before from. */
	for (; i + sizeof(word) <= length; i += sizeof(word)) {
		memcpy(&word, from + i, sizeof(word));
		word ^= wide;
		memcpy(to + i, &word, sizeof(word));
	}
	for (; i < length; i++)
		to[i] = from[i] ^ turned[i % 4];
}

/* Those that may stand in a frame (7.4.1, 7.4.2, and the registry of IANA). */
static bool may_be_sent(uint16_t code)
{
	if (code >= 3000)
		return code <= 4999;
	return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

int websocket_close_parse(const uint8_t *payload, size_t length, uint16_t *code)
{
	struct utf8 utf8 = { 0 };

	*code = 0;
	if (!length)
		return 0;
	if (length == 1)
		return WEBSOCKET_PROTOCOL_ERROR;
	*code = (uint16_t)(payload[0] << 8 | payload[1]);
	if (!may_be_sent(*code))
		return WEBSOCKET_PROTOCOL_ERROR;
	if (!utf8_check(&utf8, payload + 2, length - 2) || !utf8_complete(&utf8))
		return WEBSOCKET_BAD_DATA;
	return 0;
}
