/*
 * stretch.h - address space whose beginning may be written to.
 *
 * The rest is not counted as committed memory, nor is it charged with vm.overcommit_memory=2, where
 * MAP_NORESERVE means nothing (do_mmap() in mm/mmap.c). Knows nothing of what stands in it; the
 * caller locks.
 */
#ifndef ALLOCATORS_SLAB_STRETCH_H
#define ALLOCATORS_SLAB_STRETCH_H

#include <stddef.h>

struct stretch {
	char *start;
	size_t usable; /* bytes that may be written to, from its start */
	size_t step;   /* it grows by multiples of this */
};

/*
 * Reserves that many bytes of address space, rounded up to whole steps, which are whole pages, and
 * no memory. Returns 0 or -ENOMEM. Does nothing the second time.
 */
int stretch_init(struct stretch *stretch, size_t bytes, size_t step);

/* Makes so many bytes usable, of those that are reserved. Returns 0 or -ENOMEM. */
int stretch_reach(struct stretch *stretch, size_t bytes);

#endif
