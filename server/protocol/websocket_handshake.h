/*
 * websocket_handshake.h - whether a request asks for WebSocket, and the answer's key (RFC 6455,
 * section 4): a pure function.
 */
#ifndef SERVER_PROTOCOL_WEBSOCKET_HANDSHAKE_H
#define SERVER_PROTOCOL_WEBSOCKET_HANDSHAKE_H

#include "server/protocol/http_request.h"

#define WEBSOCKET_ACCEPT 29 /* Sec-WebSocket-Accept, with its NUL */

/* Returns 101, with accept filled, or the status that answers a request which is none. */
int websocket_handshake(const struct http_request *request, char accept[WEBSOCKET_ACCEPT]);

#endif
