/*
 * accept_key.h - the proof in a WebSocket handshake that the other side speaks WebSocket.
 */
#ifndef SERVER_BASE_ACCEPT_KEY_H
#define SERVER_BASE_ACCEPT_KEY_H

#include <stddef.h>
#include <stdint.h>

#define WEBSOCKET_KEY	 24 /* characters of a Sec-WebSocket-Key: 16 bytes in base64 */
#define WEBSOCKET_ACCEPT 28 /* characters of the Sec-WebSocket-Accept that answers it */

/* Writes the characters of the answer to such a key, and a NUL (RFC 6455, 4.2.2). */
void websocket_accept_key(const char key[WEBSOCKET_KEY], char accept[WEBSOCKET_ACCEPT + 1]);

/* Writes 4 characters for every 3 bytes, the last ones padded with '=', and a NUL. */
void base64_encode(const uint8_t *bytes, size_t length, char *text);

#endif
