/*
 * accept_key.h - the proof in a WebSocket handshake that the other side speaks WebSocket.
 */
#ifndef PULSE_PROTOCOL_ACCEPT_KEY_H
#define PULSE_PROTOCOL_ACCEPT_KEY_H

#include <stdint.h>

#define NONCE		 16 /* bytes behind a Sec-WebSocket-Key */
#define WEBSOCKET_KEY	 24 /* characters of one: base64 */
#define WEBSOCKET_ACCEPT 28 /* characters of the Sec-WebSocket-Accept that answers it */

/* Writes the characters of that key, and a NUL. */
void websocket_key(const uint8_t nonce[NONCE], char key[WEBSOCKET_KEY + 1]);

/* Writes the characters of the answer to a key, and a NUL (RFC 6455, 4.2.2). */
void websocket_accept_key(const char key[WEBSOCKET_KEY], char accept[WEBSOCKET_ACCEPT + 1]);

#endif
