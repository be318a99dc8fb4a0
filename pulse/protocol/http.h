/*
 * http.h - the head of an HTTP/1.1 response, as far as our protocols need it.
 */
#ifndef PULSE_PROTOCOL_HTTP_H
#define PULSE_PROTOCOL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length of the head with the empty line that ends it; 0 when that has not come yet. */
size_t http_head_length(const uint8_t *bytes, size_t length);

/* The status of a response whose whole head this is; 0 when it is none. */
unsigned int http_status(const uint8_t *head, size_t length);

/*
 * Whether the head has that header (name in lower case) with the token among its comma-separated
 * values; without regard to upper and lower case. token NULL: with any value.
 */
bool http_has(const uint8_t *head, size_t length, const char *name, const char *token);

/* Whether the header is there once, with exactly that value, spaces around it aside. */
bool http_is(const uint8_t *head, size_t length, const char *name, const char *value);

/* Copies the bytes of text from that offset on, up to room of them. Returns how many. */
size_t http_copy(const char *text, size_t length, uint64_t from, uint8_t *bytes, size_t room);

#endif
