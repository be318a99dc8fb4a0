/*
 * million_warm.c - memory that is touched before the connections take it. See million_warm.h.
 */
#include "analysis/million_warm.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>

#include "analysis/million_memory.h"
#include "server/base/clock.h"

#define CHUNK (UINT64_C(32) << 20) /* between two looks at the clock; a second when cold */
#define AHEAD (UINT64_C(512) << 20)

static int touch(struct million_warm *warm, const struct million *million, uint64_t until)
{
	int error = 0;

	while (!error && warm->held < warm->wanted && clock_now() < until) {
		/* There is no cold memory left to take first: what is held is all that comes. */
		if (million_memory_available() < million->options.memory_floor + 2 * CHUNK) {
			warm->wanted = warm->held;
			return 0;
		}
		if (madvise(warm->memory + warm->held, CHUNK, MADV_POPULATE_WRITE))
			return -errno;
		warm->held += CHUNK;
		error = million_wait(million, 0);
	}
	return error;
}

int million_warm_take(struct million_warm *warm, const struct million *million, uint64_t bytes,
		      uint64_t until)
{
	int error;

	*warm = (struct million_warm){ .wanted = roundup(bytes, CHUNK) };
	warm->mapped = warm->wanted;
	warm->memory = mmap(NULL, warm->mapped, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (warm->memory == MAP_FAILED) {
		*warm = (struct million_warm){ 0 };
		return -ENOMEM;
	}
	error = touch(warm, million, until);
	if (error)
		million_warm_free(warm);
	return error;
}

void million_warm_give(struct million_warm *warm, uint64_t taken)
{
	uint64_t gone = taken + AHEAD;
	uint64_t keep = warm->wanted > gone ? (warm->wanted - gone) / CHUNK * CHUNK : 0;

	if (keep >= warm->held)
		return;
	madvise(warm->memory + keep, warm->held - keep, MADV_DONTNEED);
	warm->held = keep;
}

void million_warm_free(struct million_warm *warm)
{
	if (warm->memory)
		munmap(warm->memory, warm->mapped);
	*warm = (struct million_warm){ 0 };
}
