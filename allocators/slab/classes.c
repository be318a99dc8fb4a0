/*
 * classes.c - the sizes that blocks come in. See classes.h.
 */
#include "allocators/slab/classes.h"

#include "allocators/slab/pages.h"

#define SMALL	    128 /* bytes, up to which the steps are of 16 */
#define SMALL_STEPS (SMALL / 16)

unsigned int class_of(size_t size)
{
	unsigned int shift;

	if (size <= SMALL)
		return size ? (unsigned int)(size - 1) / 16 : 0;
	shift = 60 - (unsigned int)__builtin_clzll(size - 1); /* log2 of a doubling's eighth */
	return SMALL_STEPS + (shift - 4) * 8 + (unsigned int)((size - 1) >> shift) - 8;
}

size_t class_size(unsigned int class)
{
	if (class < SMALL_STEPS)
		return (class + 1) * (size_t)16;
	class -= SMALL_STEPS;
	return (size_t)(9 + class % 8) << (4 + class / 8);
}

static unsigned int capacity(size_t size, unsigned int order)
{
	size_t blocks = (PAGE_BYTES << order) / size;

	return blocks < CLASSES_BLOCKS ? (unsigned int)blocks : CLASSES_BLOCKS;
}

unsigned int class_order(unsigned int class)
{
	size_t size = class_size(class);
	unsigned int order = 0;

	while (order < PAGES_ORDERS - 1) {
		size_t bytes = PAGE_BYTES << order;

		if (bytes - capacity(size, order) * size <= bytes / 16)
			break;
		order++;
	}
	return order;
}

unsigned int class_capacity(unsigned int class)
{
	return capacity(class_size(class), class_order(class));
}
