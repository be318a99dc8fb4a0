/*
 * set.c - a set of page numbers. See set.h.
 */
#include "allocators/slab/set.h"

#include <errno.h>
#include <stddef.h>

#define STEP ((size_t)4 << 10) /* bytes; in level 0, members of 128 MiB of pages */

/* The upper levels stand first, and so share one page as long as members are small. */
static int init(struct set *set)
{
	size_t words = 0;
	uint64_t *memory;

	for (int level = 0; level < SET_LEVELS; level++)
		words += SET_LIMIT >> (6 * (level + 1));
	if (stretch_init(&set->stretch, words * sizeof(*memory), STEP))
		return -ENOMEM;
	memory = (uint64_t *)(void *)set->stretch.start;
	for (int level = SET_LEVELS - 1; level >= 0; level--) {
		set->levels[level] = memory;
		memory += SET_LIMIT >> (6 * (level + 1));
	}
	return 0;
}

int set_reach(struct set *set, uint32_t end)
{
	const uint64_t *behind;

	if (!set->levels[0] && init(set))
		return -ENOMEM;
	behind = set->levels[0] + (end + 63) / 64;
	return stretch_reach(&set->stretch, (size_t)((const char *)behind - set->stretch.start));
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
