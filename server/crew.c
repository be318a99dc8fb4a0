/*
 * crew.c - the threads of an architecture that has several. See crew.h.
 */
#include "server/crew.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "allocators/allocator.h"

struct hand {
	struct server *server;
	int (*work)(struct server *server, unsigned int number, void *argument);
	void *argument;
	pthread_t thread;
	unsigned int number;
	int error;
};

static void *run(void *argument)
{
	struct hand *hand = argument;

	if (allocator.start_thread)
		hand->error = allocator.start_thread();
	if (!hand->error) {
		hand->error = hand->work(hand->server, hand->number, hand->argument);
		if (allocator.stop_thread)
			allocator.stop_thread();
	}
	server_stop(hand->server);
	return NULL;
}

int crew_run(struct server *server, unsigned int count,
	     int (*work)(struct server *server, unsigned int number, void *argument),
	     void *argument)
{
	size_t bytes = count * sizeof(struct hand);
	/* Outside of the allocator under test. */
	struct hand *hands = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);
	unsigned int started;
	int error = 0;

	if (hands == MAP_FAILED)
		return -ENOMEM;
	atomic_store(&server->missing, count);
	for (started = 0; started < count && !error; started++) {
		struct hand *hand = &hands[started];

		*hand = (struct hand){ server, work, argument, .number = started };
		if (started)
			error = -pthread_create(&hand->thread, NULL, run, hand);
	}
	if (error) {
		started--;
		server_stop(server);
	}
	run(&hands[0]);
	for (unsigned int i = 1; i < started; i++)
		pthread_join(hands[i].thread, NULL);
	for (unsigned int i = 0; i < started && !error; i++)
		error = hands[i].error;
	munmap(hands, bytes);
	return error;
}
