/*
 * accept_key.c - the proof in a WebSocket handshake. See accept_key.h.
 */
#include "pulse/protocol/accept_key.h"

#include <nettle/base64.h>
#include <nettle/sha1.h>

void websocket_key(const uint8_t nonce[NONCE], char key[WEBSOCKET_KEY + 1])
{
	base64_encode_raw(key, NONCE, nonce);
	key[WEBSOCKET_KEY] = '\0';
}

void websocket_accept_key(const char key[WEBSOCKET_KEY], char accept[WEBSOCKET_ACCEPT + 1])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455, 1.3 */
	uint8_t digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx sha1;

	sha1_init(&sha1);
	sha1_update(&sha1, WEBSOCKET_KEY, (const uint8_t *)key);
	sha1_update(&sha1, sizeof(guid) - 1, (const uint8_t *)guid);
	sha1_digest(&sha1, sizeof(digest), digest);
	base64_encode_raw(accept, sizeof(digest), digest);
	accept[WEBSOCKET_ACCEPT] = '\0';
}
