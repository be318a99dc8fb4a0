/*
 * extent.h - a growing array in pages of its own, outside the allocator under test.
 *
 * What the server keeps for itself must neither disturb the allocator nor hold memory after a
 * burst, so it lives in mappings that grow and shrink with what is in use. New bytes are zero.
 */
#ifndef SERVER_EXTENT_H
#define SERVER_EXTENT_H

#include <stddef.h>

struct extent {
	char *memory; /* moves when the extent grows */
	size_t mapped;
	size_t touched; /* no byte beyond this one has been used since the last trim */
};

/* Makes the first bytes usable. Returns 0 or -ENOMEM; the contents stay. */
int extent_reserve(struct extent *extent, size_t bytes);

/* Only the first bytes are still in use: gives the pages behind them back, but for a little slack.
 */
void extent_trim(struct extent *extent, size_t bytes);

/* Bytes of memory that the extent holds at the most. */
size_t extent_held(const struct extent *extent);

void extent_free(struct extent *extent);

#endif
