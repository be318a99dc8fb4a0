/*
 * ring.c - an io_uring with a ring of provided buffers. See ring.h.
 */
#include "server/ring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "server/base/process.h"
#include "server/base/units.h"

#define SUBMISSIONS 1024
#define COMPLETIONS 8192 /* of a burst; the kernel keeps more than that by itself (5.5) */
#define GROUP	    0
#define TRIES	    1000 /* to submit, a millisecond apart */
#define LIST_BYTES  (RING_BUFFERS * sizeof(struct io_uring_buf))
#define DATA_BYTES  ((size_t)RING_BUFFERS * RING_BUFFER)

/* Completions are worked off when we wait, on this thread, and never interrupt it (6.1; 5.19). */
static int set_up(struct io_uring *uring)
{
	static const unsigned int flags[] = {
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
		IORING_SETUP_COOP_TASKRUN,
		0,
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct io_uring_params params = { .flags = IORING_SETUP_CQSIZE | flags[i],
						  .cq_entries = COMPLETIONS };

		error = io_uring_queue_init_params(SUBMISSIONS, uring, &params);
		if (error != -EINVAL)
			break;
	}
	return error;
}

static void *map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	return memory == MAP_FAILED ? NULL : memory;
}

static int provide(struct ring *ring)
{
	struct io_uring_buf_reg list = { .ring_entries = RING_BUFFERS, .bgid = GROUP };
	int error;

	ring->provided = map(LIST_BYTES);
	ring->buffers = map(DATA_BYTES);
	if (!ring->provided || !ring->buffers)
		return -ENOMEM;
	list.ring_addr = (uintptr_t)ring->provided;
	error = io_uring_register_buf_ring(&ring->uring, &list, 0);
	if (!error)
		error = io_uring_register_files_sparse(&ring->uring, 1);
	if (error)
		return error;
	io_uring_buf_ring_init(ring->provided);
	for (unsigned int i = 0; i < RING_BUFFERS; i++)
		ring_give_back(ring, i);
	return 0;
}

int ring_init(struct ring *ring)
{
	int error;

	memset(ring, 0, sizeof(*ring));
	error = set_up(&ring->uring);
	if (error)
		return error;
	error = provide(ring);
	if (error)
		ring_free(ring);
	return error;
}

void ring_free(struct ring *ring)
{
	io_uring_queue_exit(&ring->uring);
	if (ring->provided)
		munmap(ring->provided, LIST_BYTES);
	if (ring->buffers)
		munmap(ring->buffers, DATA_BYTES);
}

static void pause_shortly(void)
{
	static const struct timespec millisecond = { .tv_nsec = NS_PER_MS };

	nanosleep(&millisecond, NULL);
}

struct io_uring_sqe *ring_submission(struct ring *ring)
{
	struct io_uring_sqe *submission = io_uring_get_sqe(&ring->uring);

	if (!submission) {
		ring_submit(ring);
		submission = io_uring_get_sqe(&ring->uring);
	}
	return submission ? submission : &ring->lost;
}

/*
 * EAGAIN: no memory, EBUSY: completions wait for room (io_uring_enter(2)). What ends in the
 * meantime gives some of it back.
 */
void ring_submit(struct ring *ring)
{
	int tries = 0;

	while (!ring->error && io_uring_sq_ready(&ring->uring)) {
		int result = io_uring_submit(&ring->uring);

		if (result > 0) {
			tries = 0;
		} else if (!result || result == -EAGAIN || result == -EBUSY) {
			if (++tries > TRIES)
				ring->error = result ? result : -EAGAIN;
			io_uring_get_events(&ring->uring);
			pause_shortly();
		} else if (result != -EINTR) {
			ring->error = result;
		}
	}
}

void ring_accept_apart(struct ring *ring, int fd, uint64_t what)
{
	struct io_uring_sqe *submission = ring_submission(ring);

	io_uring_prep_accept_direct(submission, fd, NULL, NULL, 0, 0);
	io_uring_sqe_set_data64(submission, what);
}

void ring_close_apart(struct ring *ring, uint64_t what)
{
	struct io_uring_sqe *submission = ring_submission(ring);

	io_uring_prep_close_direct(submission, 0);
	io_uring_sqe_set_data64(submission, what);
}

int ring_wait(struct ring *ring, int milliseconds)
{
	struct __kernel_timespec limit = { .tv_sec = milliseconds / 1000,
					   .tv_nsec = milliseconds % 1000 * 1000000ll };
	struct io_uring_cqe *first;
	int result;

	if (ring->error)
		return ring->error;
	result = io_uring_submit_and_wait_timeout(&ring->uring, &first, 1,
						  milliseconds < 0 ? NULL : &limit, NULL);
	/* No memory to submit all: those completions that are there give some back. */
	if (result == -EAGAIN) {
		pause_shortly();
		return 0;
	}
	/* EBUSY: completions must be taken before more can be submitted. */
	if (result >= 0 || result == -ETIME || result == -EINTR || result == -EBUSY)
		return 0;
	return result;
}

void ring_receive(struct ring *ring, int fd, uint64_t what)
{
	struct io_uring_sqe *submission = ring_submission(ring);

	io_uring_prep_recv_multishot(submission, fd, NULL, 0, 0);
	submission->flags |= IOSQE_BUFFER_SELECT;
	submission->buf_group = GROUP;
	io_uring_sqe_set_data64(submission, what);
}

void ring_give_back(struct ring *ring, unsigned int number)
{
	io_uring_buf_ring_add(ring->provided, ring_buffer(ring, number), RING_BUFFER,
			      (unsigned short)number, io_uring_buf_ring_mask(RING_BUFFERS), 0);
	io_uring_buf_ring_advance(ring->provided, 1);
}

void ring_rest(struct ring *ring)
{
	/* Without it (before 6.1), data may come into a buffer whenever this thread is in the
	 * kernel. */
	if (ring->uring.flags & IORING_SETUP_DEFER_TASKRUN)
		madvise(ring->buffers, DATA_BYTES, MADV_DONTNEED);
}

/* Data comes by a receive that goes on. Returns 0 or -errno. */
static int try_receive(struct ring *ring)
{
	struct io_uring_cqe *completion;
	int ends[2];
	int error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	ring_receive(ring, ends[0], 0);
	error = send(ends[1], "x", 1, MSG_NOSIGNAL) == 1 ? ring_wait(ring, 1000) : -errno;
	if (!error)
		error = io_uring_peek_cqe(&ring->uring, &completion);
	if (!error && completion->res != 1)
		error = completion->res < 0 ? completion->res : -EIO;
	if (!error && !(completion->flags & IORING_CQE_F_MORE))
		error = -EINVAL;
	close(ends[0]);
	close(ends[1]);
	return error;
}

static const char *cause(int error)
{
	uint64_t disabled;

	switch (error) {
	case -EPERM:
		if (!process_read_number("/proc/sys/kernel/io_uring_disabled", &disabled) &&
		    disabled)
			return "; kernel.io_uring_disabled forbids it (sysctl)";
		return "; a seccomp filter forbids it, as in many containers";
	case -EINVAL:
	case -ENOSYS:
		return "; it needs Linux 6.0, or a seccomp filter forbids it";
	case -ENOMEM:
		return "; see ulimit -l";
	default:
		return "";
	}
}

int ring_check(char why[OPTIONS_WHY])
{
	struct utsname kernel = { .release = "?" };
	struct ring ring;
	int error = ring_init(&ring);

	if (!error) {
		error = try_receive(&ring);
		ring_free(&ring);
	}
	if (!error)
		return 0;
	uname(&kernel);
	snprintf(why, OPTIONS_WHY,
		 "--arch uring: no io_uring with multishot receive on this Linux %s: %s%s",
		 kernel.release, strerror(-error), cause(error));
	return error;
}
