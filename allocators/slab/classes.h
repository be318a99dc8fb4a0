/*
 * classes.h - the sizes that blocks come in.
 *
 * Steps of 16 bytes up to 128, then eight to every doubling: a block is larger than what was asked
 * for by at most 15 bytes, or above 128 by less than an eighth. Larger ones than CLASSES_LARGEST
 * have mappings of their own.
 */
#ifndef ALLOCATORS_SLAB_CLASSES_H
#define ALLOCATORS_SLAB_CLASSES_H

#include <stddef.h>

#define CLASSES		72
#define CLASSES_LARGEST ((size_t)32 << 10)
#define CLASSES_BLOCKS	256 /* in a slab, at the most */

/* Of a size up to CLASSES_LARGEST. */
unsigned int class_of(size_t size);

/* Bytes of each of its blocks. */
size_t class_size(unsigned int class);

/*
 * A slab of this class is a run of 1 << order pages: the shortest that wastes at most a 16th, or 8
 * pages where none does. Then it wastes up to 44 %: one block of 18 KiB.
 */
unsigned int class_order(unsigned int class);

/* Blocks in a slab. */
unsigned int class_capacity(unsigned int class);

#endif
