/*
 * stretch.c - address space that becomes usable as it is needed. See stretch.h.
 */
#include "allocators/slab/stretch.h"

#include <errno.h>
#include <sys/mman.h>

static size_t whole_steps(size_t bytes, size_t step)
{
	return (bytes + step - 1) / step * step;
}

int stretch_init(struct stretch *stretch, size_t bytes, size_t step)
{
	size_t length = whole_steps(bytes, step);
	char *start;

	if (stretch->start)
		return 0;
	start = mmap(NULL, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (start == MAP_FAILED)
		return -ENOMEM;
	/* A huge page could be handed back only as a whole. */
	madvise(start, length, MADV_NOHUGEPAGE);
	*stretch = (struct stretch){ .start = start, .step = step };
	return 0;
}

int stretch_reach(struct stretch *stretch, size_t bytes)
{
	size_t usable;

	if (bytes <= stretch->usable)
		return 0;
	usable = whole_steps(bytes, stretch->step);
	if (mprotect(stretch->start + stretch->usable, usable - stretch->usable,
		     PROT_READ | PROT_WRITE))
		return -ENOMEM;
	stretch->usable = usable;
	return 0;
}
