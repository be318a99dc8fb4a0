/*
 * ring.h - an io_uring with a ring of provided buffers: a receive takes a buffer only when data is
 * there.
 *
 * Buffers and rings are mapped, outside of the plug-in's memory. To be set up and used on one and
 * the same thread.
 */
#ifndef SERVER_RING_H
#define SERVER_RING_H

#include <liburing.h>
#include <stddef.h>
#include <stdint.h>

#include "server/base/options.h"

#define RING_BUFFERS 1024
#define RING_BUFFER  2048 /* bytes */

struct ring {
	struct io_uring uring;
	struct io_uring_buf_ring *provided; /* the kernel's list of buffers */
	char *buffers;
	int error; /* -errno: nothing can be submitted any more, as ring_wait() says */
	struct io_uring_sqe lost; /* what is prepared then */
};

/* Returns 0 or -errno, with nothing left behind. */
int ring_init(struct ring *ring);

void ring_free(struct ring *ring);

/* An empty submission, never NULL; submits what is there when all are in use. */
struct io_uring_sqe *ring_submission(struct ring *ring);

/*
 * Submits what is there; ring_wait() does so, too. Waits up to a second for a kernel that has no
 * room; what cannot be submitted then, or is refused, is told by ring_wait().
 */
void ring_submit(struct ring *ring);

/*
 * Accepts the next client into the ring's only file of its own, which takes no descriptor of the
 * process; and ends it.
 */
void ring_accept_apart(struct ring *ring, int fd, uint64_t what);
void ring_close_apart(struct ring *ring, uint64_t what);

/*
 * Submits and waits for a completion, for so many ms at the most; -1: for ever. Returns 0, also
 * when none has come, or -errno: the ring is of no use any more.
 */
int ring_wait(struct ring *ring, int milliseconds);

/* A receive that goes on and on, with a provided buffer for each piece of data. */
void ring_receive(struct ring *ring, int fd, uint64_t what);

static inline char *ring_buffer(const struct ring *ring, unsigned int number)
{
	return ring->buffers + (size_t)number * RING_BUFFER;
}

/* The kernel may fill it again. */
void ring_give_back(struct ring *ring, unsigned int number);

/*
 * Gives the memory of all buffers back to the system, when all completions have been worked off and
 * none of the buffers is being sent.
 */
void ring_rest(struct ring *ring);

/* Whether this kernel can, by trying. Returns 0, or -errno with a line in why. */
int ring_check(char why[OPTIONS_WHY]);

#endif
