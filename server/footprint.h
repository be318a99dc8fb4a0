/*
 * footprint.h - what one connection holds on the server's heap, as a list of block sizes.
 *
 * "64,700,4Kx2": a block of 64 bytes, one of 700, two of 4 KiB, for as long as the connection is
 * open. "4K@200ms" is given back after 200 ms; "1K@first-byte" is taken when data comes; both may
 * be joined. Knows sizes and times only; connections.c takes the blocks.
 */
#ifndef SERVER_FOOTPRINT_H
#define SERVER_FOOTPRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FOOTPRINT_ITEMS	 16
#define FOOTPRINT_BLOCKS 256

struct footprint_item {
	uint64_t size;	    /* bytes, at least 1 */
	uint32_t count;	    /* blocks of that size */
	uint32_t first;	    /* the first one's place in a record's blocks */
	bool at_first_byte; /* taken when data comes, not when the connection is opened */
	uint64_t lifetime;  /* ns from then on; 0: until the connection closes */
};

struct footprint {
	struct footprint_item items[FOOTPRINT_ITEMS];
	uint32_t item_count;
	uint32_t block_count;
	uint64_t bytes; /* of all its blocks together */
};

/* Reads a list or the name of a preset. Returns 0, -EINVAL, or -ERANGE when there are too many. */
int footprint_parse(const char *text, struct footprint *footprint);

/* What footprint_parse() expects, for an option's error line. */
#define EXPECTS_FOOTPRINT                                                                          \
	"a footprint: SIZE[xCOUNT][@first-byte][@TIME],... or a preset (none, stackoverflow, "     \
	"session, go-http, gorilla); up to 16 sizes below 4G, 256 blocks in all"

/* Prints the presets, a line each. */
void footprint_help(FILE *file);

#endif
