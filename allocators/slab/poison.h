/*
 * poison.h - tells the address sanitizer which bytes are in use, so that it catches a use after
 * give(). Does nothing in a build without it.
 */
#ifndef ALLOCATORS_SLAB_POISON_H
#define ALLOCATORS_SLAB_POISON_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif

#ifdef POISONS
#include <sanitizer/asan_interface.h>
#else
#define POISONS 0
#endif

static inline void poison(const volatile void *start, size_t length)
{
#if POISONS
	__asan_poison_memory_region(start, length);
#else
	(void)start;
	(void)length;
#endif
}

static inline void unpoison(const volatile void *start, size_t length)
{
#if POISONS
	__asan_unpoison_memory_region(start, length);
#else
	(void)start;
	(void)length;
#endif
}

/* Has a block that is given twice reported as used after it was given. */
static inline void use(const volatile void *start)
{
#if POISONS
	(void)*(const volatile char *)start;
#else
	(void)start;
#endif
}

#endif
