/*
 * memoryless.c - preloaded into a server with an io_uring: there is no memory for its first
 * accepts. Writes to $MEMORYLESS how many milliseconds passed from the first of them to the last.
 */
#include <dlfcn.h>
#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FAILURES 30

struct memoryless {
	int failures;
	struct timespec first;
};

static void note(struct memoryless *memoryless)
{
	struct timespec now;
	FILE *file;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!memoryless->failures++)
		memoryless->first = now;
	if (memoryless->failures < FAILURES)
		return;
	file = fopen(getenv("MEMORYLESS"), "w");
	fprintf(file, "%ld\n",
		(now.tv_sec - memoryless->first.tv_sec) * 1000 +
			(now.tv_nsec - memoryless->first.tv_nsec) / 1000000);
	fclose(file);
}

/* Returns how many became an operation that does nothing; each has the user data of the accept. */
static int take_accepts(struct io_uring *ring, int most)
{
	int taken = 0;

	for (unsigned int i = ring->sq.sqe_head; i != ring->sq.sqe_tail && taken < most; i++) {
		struct io_uring_sqe *submission = &ring->sq.sqes[i & ring->sq.ring_mask];
		unsigned long long what = submission->user_data;

		if (submission->opcode != IORING_OP_ACCEPT)
			continue;
		io_uring_prep_nop(submission);
		submission->user_data = what;
		taken++;
	}
	return taken;
}

int io_uring_submit_and_wait_timeout(struct io_uring *ring, struct io_uring_cqe **first,
				     unsigned int count, struct __kernel_timespec *limit,
				     sigset_t *mask)
{
	static struct memoryless memoryless;
	__typeof__(&io_uring_submit_and_wait_timeout) next = (__typeof__(next))dlsym(
		RTLD_NEXT, "io_uring_submit_and_wait_timeout");
	int taken = take_accepts(ring, FAILURES - memoryless.failures);
	int result = next(ring, first, count, limit, mask);
	struct io_uring_cqe *completion;
	unsigned int head;

	io_uring_for_each_cqe(ring, head, completion)
	{
		if (!taken || completion->user_data)
			continue;
		completion->res = -ENOMEM;
		note(&memoryless);
		taken--;
	}
	return result;
}
