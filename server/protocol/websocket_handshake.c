/*
 * websocket_handshake.c - whether a request asks for WebSocket. See websocket_handshake.h.
 */
#include "server/protocol/websocket_handshake.h"

#include <nettle/base64.h>
#include <nettle/sha1.h>

#define KEY	  24 /* characters: 16 bytes in base64 */
#define KEY_BYTES 16

static bool is_key(const struct text *key)
{
	struct base64_decode_ctx decode;
	uint8_t bytes[BASE64_DECODE_LENGTH(KEY)];
	size_t length = sizeof(bytes);

	if (!key || key->length != KEY)
		return false;
	base64_decode_init(&decode);
	return base64_decode_update(&decode, &length, bytes, key->length, key->bytes) &&
	       base64_decode_final(&decode) && length == KEY_BYTES;
}

int websocket_handshake(const struct http_request *request, char accept[WEBSOCKET_ACCEPT])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* of the RFC, 1.3 */
	const struct text *key = http_request_header(request, "sec-websocket-key");
	const struct text *version = http_request_header(request, "sec-websocket-version");
	uint8_t digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx sha1;

	if (!text_is(request->method, "GET"))
		return 405;
	if (!http_request_lists(request, "upgrade", "websocket") ||
	    !http_request_lists(request, "connection", "upgrade") || !version ||
	    !text_is(*version, "13"))
		return 426;
	/*
	 * A protocol is switched behind the whole request (RFC 9110, 7.8), and what follows a
	 * handshake is frames: a body would be taken for them.
	 */
	if (http_request_has_body(request))
		return 400;
	if (!is_key(key) || http_request_count(request, "sec-websocket-key") > 1 ||
	    http_request_count(request, "sec-websocket-version") > 1)
		return 400;
	sha1_init(&sha1);
	sha1_update(&sha1, key->length, (const uint8_t *)key->bytes);
	sha1_update(&sha1, sizeof(guid) - 1, (const uint8_t *)guid);
	sha1_digest(&sha1, sizeof(digest), digest);
	base64_encode_raw(accept, sizeof(digest), digest);
	accept[WEBSOCKET_ACCEPT - 1] = '\0';
	return 101;
}
