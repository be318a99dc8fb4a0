/*
 * live.c - which object of this process malloc and free really lie in. See live.h.
 *
 * A library that defines malloc may still hand out the C library's blocks (to trace them, as
 * libmemusage.so does): that is seen in the C library's own count of what it has handed out.
 */
#include "allocators/preload/live.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* What a program calls through; glibc wants all of them from one allocator ("Replacing malloc"). */
static const char *const functions[] = { "malloc", "free", "calloc", "realloc" };

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

/* The object that an address lies in: its load address, and its file in *path unless NULL. */
static const void *object_of(const void *address, const char **path)
{
	Dl_info info;

	if (!address || !dladdr(address, &info))
		return NULL;
	if (path)
		*path = info.dli_fname;
	return info.dli_fbase;
}

static bool is_libc(const void *address)
{
	const void *libc = object_of(dlsym(RTLD_DEFAULT, "gnu_get_libc_version"), NULL);

	return object_of(address, NULL) == libc;
}

/*
 * All that is preloaded is in the global scope: no handle is needed, and dlopen(3), even of what is
 * there already, takes blocks from the allocator under test that stay (decision 17).
 */
int live_find(struct live *live)
{
	void *address = dlsym(RTLD_DEFAULT, "malloc");

	if (is_libc(address))
		return -ENOENT;
	live->object = object_of(address, &live->path);
	return live->object ? 0 : -ENOENT;
}

void *live_function(const struct live *live, const char *name, bool elsewhere)
{
	void *address = dlsym(RTLD_DEFAULT, name);
	const void *object = object_of(address, NULL);

	if (!object || is_libc(address) || (object != live->object && !elsewhere))
		return NULL;
	return address;
}

const char *live_file(const struct live *live)
{
	static char path[4096];
	const char *slash;

	if (!live->path)
		return "no library";
	if (!path[0] && !realpath(live->path, path))
		return live->path;
	slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/*
 * glibc's own count of bytes handed out, by a name that is not interposed as mallinfo(3) is; like
 * that it wraps around.
 */
static unsigned int count_of_libc(void)
{
	void *address = dlsym(RTLD_DEFAULT, "__libc_mallinfo");
	struct mallinfo info;

	if (!is_libc(address))
		return 0;
	info = ((struct mallinfo(*)(void))address)();
	return (unsigned int)info.uordblks + (unsigned int)info.hblkhd;
}

/* One byte more than glibc's tcache takes, which would hide the block. */
static bool hands_out_blocks_of_libc(void)
{
	const int size = 1033;
	unsigned int before = count_of_libc();
	void *volatile block = malloc((size_t)size);
	unsigned int after = count_of_libc();

	free(block);
	return (int)(after - before) >= size;
}

static int refuse_none(char sentence[ALLOCATOR_TEXT])
{
	const char *preload = getenv("LD_PRELOAD");

	if (getauxval(AT_SECURE))
		snprintf(sentence, ALLOCATOR_TEXT,
			 "no library was preloaded: this server is set-user-ID or has file "
			 "capabilities, and so ld.so ignores LD_PRELOAD; take them away");
	else if (preload && *preload)
		snprintf(sentence, ALLOCATOR_TEXT,
			 "malloc is the C library's own, LD_PRELOAD=%.120s brought no other; "
			 "preload the shared library of an allocator",
			 preload);
	else
		snprintf(sentence, ALLOCATOR_TEXT,
			 "no library was preloaded: start it with LD_PRELOAD=/path/to/lib.so, or "
			 "use tidemark run --allocators preload:/path/to/lib.so");
	return -ENOENT;
}

int live_prove(const struct live *live, char sentence[ALLOCATOR_TEXT])
{
	if (!live->object)
		return refuse_none(sentence);
	for (size_t i = 1; i < FUNCTIONS; i++) {
		const char *path = "nowhere";

		if (object_of(dlsym(RTLD_DEFAULT, functions[i]), &path) == live->object)
			continue;
		snprintf(sentence, ALLOCATOR_TEXT,
			 "malloc is in %.90s, but %s in %.90s; preload a whole allocator",
			 live->path, functions[i], path);
		return -ENOENT;
	}
	if (hands_out_blocks_of_libc()) {
		snprintf(sentence, ALLOCATOR_TEXT,
			 "malloc is in %.120s, which hands out the C library's blocks; preload an "
			 "allocator of its own",
			 live->path);
		return -ENOENT;
	}
	snprintf(sentence, ALLOCATOR_TEXT, "malloc, free, calloc and realloc are in %.140s",
		 live->path);
	return 0;
}
