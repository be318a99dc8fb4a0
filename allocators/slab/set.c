/*
 * set.c - a set of page numbers. See set.h.
 */
#include "allocators/slab/set.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

/* The upper levels stand first, and so share one page as long as members are small. */
int set_init(struct set *set)
{
	size_t words = 0;
	uint64_t *memory;

	if (set->levels[0])
		return 0;
	for (int level = 0; level < SET_LEVELS; level++)
		words += SET_LIMIT >> (6 * (level + 1));
	memory = mmap(NULL, words * sizeof(*memory), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED)
		return -ENOMEM;
	madvise(memory, words * sizeof(*memory), MADV_NOHUGEPAGE);
	for (int level = SET_LEVELS - 1; level >= 0; level--) {
		set->levels[level] = memory;
		memory += SET_LIMIT >> (6 * (level + 1));
	}
	return 0;
}

void set_add(struct set *set, uint32_t member)
{
	for (int level = 0; level < SET_LEVELS; level++) {
		uint64_t *word = &set->levels[level][member >> 6];
		uint64_t before = *word;

		*word |= 1ull << (member & 63);
		if (before)
			break;
		member >>= 6;
	}
}

void set_remove(struct set *set, uint32_t member)
{
	for (int level = 0; level < SET_LEVELS; level++) {
		uint64_t *word = &set->levels[level][member >> 6];

		*word &= ~(1ull << (member & 63));
		if (*word)
			break;
		member >>= 6;
	}
}

bool set_has(const struct set *set, uint32_t member)
{
	return set->levels[0][member >> 6] >> (member & 63) & 1;
}

uint32_t set_first(const struct set *set)
{
	uint32_t member = 0;

	if (!set->levels[0])
		return SET_NONE;
	for (int level = SET_LEVELS - 1; level >= 0; level--) {
		uint64_t word = set->levels[level][member];

		if (!word)
			return SET_NONE;
		member = member << 6 | (uint32_t)__builtin_ctzll(word);
	}
	return member;
}
