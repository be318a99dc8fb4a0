/*
 * slabs.h - blocks in slabs: runs of pages that hold blocks of one class and nothing else.
 *
 * What is known of a slab stands apart from it, so that a block of 4 KiB is a page, and a page
 * without blocks is empty to the last byte. A block goes to the lowest slab that has room: over
 * time the higher ones empty. slabs_move() does in one go what time would have to. The caller
 * locks.
 */
#ifndef ALLOCATORS_SLAB_SLABS_H
#define ALLOCATORS_SLAB_SLABS_H

#include <stddef.h>
#include <stdint.h>

#include "allocators/slab/classes.h"
#include "allocators/slab/pages.h"

#define SLABS_WORDS (CLASSES_BLOCKS / 64)

struct class
{
	size_t size;	       /* bytes of a block */
	unsigned int order;    /* of its slabs */
	unsigned int capacity; /* blocks in one */
	unsigned int words;    /* of 64 bits that these take */
	struct set room;       /* first pages of the slabs that have a block free and one in use */
};

struct slabs {
	struct pages pages;
	struct class classes[CLASSES];
	/*
	 * A bit for each block that is free, by number of its slab's first page: the first 64
	 * blocks of every slab, then the next 64 of every slab, and so on. Slabs have more than 64
	 * only of blocks under 64 bytes, so that mostly a page is described by 8 bytes, and memory
	 * behind the first array is not touched.
	 */
	uint64_t *free[SLABS_WORDS];
	struct stretch words[SLABS_WORDS]; /* that they stand in */
	uint32_t described;		   /* no word from this page on is resident */
	uint64_t used;			   /* bytes of blocks in use */
	uint64_t occupied;		   /* pages of slabs */
};

/* Returns 0 or -errno (pages_init()). Does nothing the second time. */
int slabs_init(struct slabs *slabs);

/* size: up to CLASSES_LARGEST. NULL: no memory. */
void *slabs_take(struct slabs *slabs, size_t size);

void slabs_give(struct slabs *slabs, void *block, size_t size);

/* Moves the block to a lower place, if there is one. Returns where it stands then. */
void *slabs_move(struct slabs *slabs, void *block, size_t size);

/* As pages_release(); at its end, what described the pages goes as well, again in steps. */
int slabs_release(struct slabs *slabs, unsigned int limit, int advice);

#endif
