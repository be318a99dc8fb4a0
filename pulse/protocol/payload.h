/*
 * payload.h - the bytes of a message: the time stamp, 8 bytes big-endian, and a pattern behind it.
 *
 * Each byte follows from the stamp and its place, so that an answer can be checked wherever it was
 * cut into pieces, and nothing has to be remembered of what was sent.
 */
#ifndef PULSE_PROTOCOL_PAYLOAD_H
#define PULSE_PROTOCOL_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_LEAST 8
#define PAYLOAD_MOST  (UINT32_C(1) << 30)

/* Writes count bytes of the message, from that place in it. */
void payload_write(uint64_t stamp, uint64_t from, uint8_t *bytes, size_t count);

/* Whether they are the bytes of the message from that place on. */
bool payload_matches(uint64_t stamp, uint64_t from, const uint8_t *bytes, size_t count);

#endif
