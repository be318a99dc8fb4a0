/* ring.c - an io_uring that nothing can be submitted to: that is said, and nothing hangs. */
#include "server/ring.h"

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define MANY 5000 /* more than can be prepared at a time */

static void what_cannot_be_submitted_is_told(void **state)
{
	struct ring ring;
	int saved, broken;

	(void)state;
	/* Where there is no io_uring, there is nothing to try. */
	if (ring_init(&ring))
		return;
	for (int i = 0; i < MANY; i++)
		io_uring_prep_nop(ring_submission(&ring));
	ring_submit(&ring);
	assert_int_equal(ring_wait(&ring, 0), 0);
	io_uring_cq_advance(&ring.uring, io_uring_cq_ready(&ring.uring));

	saved = dup(ring.uring.ring_fd);
	broken = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_int_equal(dup2(broken, ring.uring.ring_fd), ring.uring.ring_fd);
	for (int i = 0; i < MANY; i++)
		io_uring_prep_nop(ring_submission(&ring));
	ring_submit(&ring);
	assert_true(ring_wait(&ring, -1) < 0);
	assert_int_equal(dup2(saved, ring.uring.ring_fd), ring.uring.ring_fd);
	close(saved);
	close(broken);
	ring_free(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_submitted_is_told),
	};

	return unit_main(tests);
}
