/*
 * extent.c - a growing array in pages of its own. See extent.h.
 */
#include "server/extent.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <unistd.h>

#define SLACK (8u << 10)  /* a trim that would give back less is not worth its system call */
#define STEP  (64u << 10) /* address space is taken in steps; memory only as it is touched */

static size_t round_to_pages(size_t bytes)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (bytes + page - 1) / page * page;
}

int extent_reserve(struct extent *extent, size_t bytes)
{
	size_t wanted;
	void *memory;

	if (bytes > extent->mapped) {
		wanted = round_to_pages(bytes + MAX(STEP, extent->mapped / 4));
		if (extent->memory)
			memory = mremap(extent->memory, extent->mapped, wanted, MREMAP_MAYMOVE);
		else
			memory = mmap(NULL, wanted, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			return -ENOMEM;
		/* With THP=always a table of a few KiB could become 2 MiB. */
		madvise(memory, wanted, MADV_NOHUGEPAGE);
		extent->memory = memory;
		extent->mapped = wanted;
	}
	extent->touched = MAX(extent->touched, bytes);
	return 0;
}

void extent_trim(struct extent *extent, size_t bytes)
{
	size_t keep = MAX(round_to_pages(bytes), round_to_pages(1));

	if (extent->touched <= keep + SLACK)
		return;
	munmap(extent->memory + keep, extent->mapped - keep);
	extent->mapped = keep;
	extent->touched = keep;
}

size_t extent_held(const struct extent *extent)
{
	return round_to_pages(extent->touched);
}

void extent_free(struct extent *extent)
{
	if (extent->memory)
		munmap(extent->memory, extent->mapped);
	*extent = (struct extent){ 0 };
}
