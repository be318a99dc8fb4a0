/* websocket_frame.c - frames, handshakes and UTF-8 against the RFCs' own examples, and the rest. */
#include "server/protocol/websocket_frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server/protocol/utf8.h"
#include "server/protocol/websocket_handshake.h"
#include "tests/unit/unit.h"

static void the_example_of_the_rfc(void **state)
{
	/* RFC 6455, 5.7: a masked text message of one frame, "Hello". */
	uint8_t bytes[] = { 0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58 };
	struct websocket_frame frame;

	(void)state;
	for (size_t length = 0; length < 6; length++)
		assert_int_equal(websocket_frame_parse(bytes, length, &frame), -EAGAIN);
	assert_int_equal(websocket_frame_parse(bytes, sizeof(bytes), &frame), 0);
	assert_true(frame.final);
	assert_int_equal(frame.opcode, WEBSOCKET_TEXT);
	assert_int_equal(frame.length, 5);
	assert_int_equal(frame.header, 6);
	websocket_unmask(bytes, bytes + 6, 5, frame.mask, 0);
	assert_memory_equal(bytes, "Hello", 5);
}

static void bad_headers_are_refused(void **state)
{
	static const struct {
		size_t length;
		uint8_t bytes[10];
	} bad[] = {
		{ 1, { 0xc1 } },		   /* a reserved bit */
		{ 2, { 0x81, 0x05 } },		   /* no mask */
		{ 2, { 0x83, 0x80 } },		   /* an opcode that is not defined */
		{ 2, { 0x8b, 0x80 } },		   /* a control opcode that is not defined */
		{ 2, { 0x09, 0x80 } },		   /* a ping in parts */
		{ 2, { 0x89, 0xfe } },		   /* a ping of more than 125 bytes */
		{ 4, { 0x82, 0xfe, 0x00, 0x7d } }, /* 125 in two bytes */
		{ 10, { 0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff } }, /* 65535 in eight */
		{ 10, { 0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0 } },    /* 2^63 */
	};
	struct websocket_frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (websocket_frame_parse(bad[i].bytes, bad[i].length, &frame) !=
		    WEBSOCKET_PROTOCOL_ERROR)
			fail_msg("header %zu was taken", i);
}

static void what_is_written_has_the_length(void **state)
{
	static const struct {
		uint64_t length;
		size_t header;
	} cases[] = { { 0, 2 }, { 125, 2 }, { 126, 4 }, { 65535, 4 }, { 65536, 10 } };
	uint8_t bytes[WEBSOCKET_HEADER_MOST];
	struct websocket_frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t header = websocket_frame_write(bytes, true, WEBSOCKET_BINARY,
						      cases[i].length);

		assert_int_equal(header, cases[i].header);
		bytes[1] |= 0x80; /* as a client would send it */
		memset(bytes + header, 0, 4);
		assert_int_equal(websocket_frame_parse(bytes, header + 4, &frame), 0);
		assert_int_equal(frame.length, cases[i].length);
	}
}

static void unmasking_in_pieces_and_in_place(void **state)
{
	static const uint8_t mask[4] = { 1, 20, 250, 77 };
	uint8_t plain[100], masked[110], got[110];

	(void)state;
	srand(3);
	for (size_t i = 0; i < sizeof(plain); i++) {
		plain[i] = (uint8_t)rand();
		masked[i] = plain[i] ^ mask[i % 4];
	}
	for (size_t shift = 0; shift <= 10; shift++)
		for (size_t cut = 0; cut <= sizeof(plain); cut += 7) {
			/* As in the loop's buffer: the target lies before the source, and overlaps.
			 */
			memcpy(got + shift, masked, sizeof(plain));
			websocket_unmask(got, got + shift, cut, mask, 0);
			websocket_unmask(got + cut, got + shift + cut, sizeof(plain) - cut, mask,
					 cut);
			assert_memory_equal(got, plain, sizeof(plain));
		}
}

static void close_codes(void **state)
{
	static const struct {
		int answer;
		size_t length;
		uint8_t payload[4];
	} cases[] = {
		{ 0, 0, { 0 } },
		{ 0, 2, { 0x03, 0xe8 } }, /* 1000 */
		{ 0, 2, { 0x0f, 0xa0 } }, /* 4000 */
		{ WEBSOCKET_PROTOCOL_ERROR, 1, { 0x03 } },
		{ WEBSOCKET_PROTOCOL_ERROR, 2, { 0x03, 0xe7 } }, /* 999 */
		{ WEBSOCKET_PROTOCOL_ERROR, 2, { 0x03, 0xed } }, /* 1005 */
		{ WEBSOCKET_PROTOCOL_ERROR, 2, { 0x07, 0xd0 } }, /* 2000 */
		{ WEBSOCKET_PROTOCOL_ERROR, 2, { 0x13, 0x88 } }, /* 5000 */
		{ WEBSOCKET_BAD_DATA, 4, { 0x03, 0xe8, 0xc3, 0x28 } },
		{ WEBSOCKET_BAD_DATA, 3, { 0x03, 0xe8, 0xc3 } },
	};
	uint16_t code;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(websocket_close_parse(cases[i].payload, cases[i].length, &code),
				 cases[i].answer);
}

static bool is_utf8(const char *text, size_t cut)
{
	size_t length = strlen(text);
	struct utf8 utf8 = { 0 };

	cut = cut < length ? cut : length;
	return utf8_check(&utf8, (const uint8_t *)text, cut) &&
	       utf8_check(&utf8, (const uint8_t *)text + cut, length - cut) && utf8_complete(&utf8);
}

static void utf8_wherever_it_is_cut(void **state)
{
	static const char *const good[] = { "",
					    "only ASCII, and longer than a word",
					    "\xc2\x80\xdf\xbf",
					    "\xe0\xa0\x80\xed\x9f\xbf",
					    "\xee\x80\x80\xef\xbf\xbf",
					    "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = {
		"\x80",		"\xc0\xaf",	    "\xc1\x81",		"\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff",		"abc\xe2\x82",	    "\xe2\x82z"
	};

	(void)state;
	for (size_t cut = 0; cut < 40; cut++) {
		for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
			assert_true(is_utf8(good[i], cut));
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
			assert_false(is_utf8(bad[i], cut));
	}
}

#define LINES(version, upgrade, connection, key)                                                   \
	"GET /chat HTTP/1.1\r\nHost: x\r\nUpgrade: " upgrade "\r\nConnection: " connection         \
	"\r\nSec-WebSocket-Version: " version "\r\nSec-WebSocket-Key: " key "\r\n\r\n"
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="

static int shake(const char *text, char accept[WEBSOCKET_ACCEPT])
{
	struct http_request request;

	assert_int_equal(http_request_parse(text, strlen(text), &request), 0);
	return websocket_handshake(&request, accept);
}

static void handshakes(void **state)
{
	char accept[WEBSOCKET_ACCEPT];

	(void)state;
	/* RFC 6455, 1.3. */
	assert_int_equal(shake(LINES("13", "websocket", "keep-alive, Upgrade", KEY), accept), 101);
	assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_int_equal(shake(LINES("8", "websocket", "Upgrade", KEY), accept), 426);
	assert_int_equal(shake(LINES("13", "h2c", "Upgrade", KEY), accept), 426);
	assert_int_equal(shake(LINES("13", "websocket", "close", KEY), accept), 426);
	assert_int_equal(shake(LINES("13", "websocket", "Upgrade", "short"), accept), 400);
	assert_int_equal(
		shake(LINES("13", "websocket", "Upgrade", "dGhlIHNhbXBsZSBub25jZQ!="), accept),
		400);
	/* Neither may be there twice (RFC 6455, 11.3.1, 11.3.5). */
	assert_int_equal(
		shake(LINES("13", "websocket", "Upgrade", KEY "\r\nSec-WebSocket-Key: " KEY),
		      accept),
		400);
	assert_int_equal(
		shake(LINES("13\r\nSec-WebSocket-Version: 8", "websocket", "Upgrade", KEY), accept),
		400);
	/* What would stand in a body would be taken for frames. */
	assert_int_equal(
		shake(LINES("13\r\nContent-Length: 3", "websocket", "Upgrade", KEY), accept), 400);
	assert_int_equal(
		shake(LINES("13\r\nTransfer-Encoding: chunked", "websocket", "Upgrade", KEY),
		      accept),
		400);
	assert_int_equal(
		shake(LINES("13\r\nContent-Length: 0", "websocket", "Upgrade", KEY), accept), 101);
	assert_int_equal(shake("POST / HTTP/1.1\r\nHost: x\r\n\r\n", accept), 405);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc),
		cmocka_unit_test(bad_headers_are_refused),
		cmocka_unit_test(what_is_written_has_the_length),
		cmocka_unit_test(unmasking_in_pieces_and_in_place),
		cmocka_unit_test(close_codes),
		cmocka_unit_test(utf8_wherever_it_is_cut),
		cmocka_unit_test(handshakes),
	};

	return unit_main(tests);
}
