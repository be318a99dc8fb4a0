/*
 * crew_worker.c - one process of a crew. See crew_worker.h.
 */
#include "pulse/crew_worker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#include "pulse/connector.h"
#include "pulse/crew_member.h"

/* A loop, and the thread that runs it; the first runs on the worker's own. */
struct hand {
	struct crew_member member;
	pthread_t thread;
	int error;
};

/* So that survivors of different loops are scattered differently. The first keeps the seed. */
static uint64_t seed_of(uint64_t seed, uint32_t index)
{
	return seed + ((uint64_t)index << 32);
}

/* Threads inherit it. Where it is not allowed, the pulse is only less fair. */
static void leave_room(const struct crew_worker *worker)
{
	const struct crew_plan *plan = &worker->spec->plan;
	cpu_set_t cpus;
	int level;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		return;
	level = crew_niceness(plan->workers * plan->loops, (uint32_t)CPU_COUNT(&cpus));
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + level);
}

static int prepare(const struct crew_worker *worker, struct hand *hand, uint32_t loop)
{
	const struct crew_spec *spec = worker->spec;
	struct crew_member *member = &hand->member;
	int error;

	member->board = worker->board;
	member->index = worker->index * spec->plan.loops + loop;
	member->wake = worker->wake[loop];
	member->bell = worker->bell;
	survivors_seed(&member->chooser, spec->survivor_order, seed_of(spec->seed, member->index));
	error = connector_create(&member->connector, spec->server, spec->sources,
				 spec->plan.capacity, member->wake);
	if (!error)
		connector_speak(member->connector, spec->speech);
	return error;
}

static void *serve(void *argument)
{
	struct hand *hand = argument;

	hand->error = crew_member_serve(&hand->member);
	return NULL;
}

static int run(const struct crew_worker *worker, struct hand *hands, uint32_t count)
{
	int error = 0;

	for (uint32_t i = 0; !error && i < count; i++)
		error = prepare(worker, &hands[i], i);
	for (uint32_t i = 1; !error && i < count; i++)
		error = -pthread_create(&hands[i].thread, NULL, serve, &hands[i]);
	if (error)
		return error;
	serve(&hands[0]);
	error = hands[0].error;
	for (uint32_t i = 1; i < count; i++) {
		pthread_join(hands[i].thread, NULL);
		error = error ? error : hands[i].error;
	}
	return error;
}

/* One that could not begin says so on the board as well. */
static void report(const struct crew_worker *worker, int error)
{
	struct crew_slot *slot = &worker->board->slots[worker->index * worker->spec->plan.loops];

	if (!slot->error)
		slot->error = -error;
	eventfd_write(worker->bell, 1);
}

int crew_worker_run(const struct crew_worker *worker)
{
	uint32_t count = worker->spec->plan.loops;
	struct hand *hands = calloc(count, sizeof(*hands));
	int error = -ENOMEM;

	leave_room(worker);
	if (hands)
		error = run(worker, hands, count);
	/* Then the process ends: threads that have begun may be at work on theirs. */
	if (error) {
		report(worker, error);
		return error;
	}
	for (uint32_t i = 0; i < count; i++)
		connector_destroy(hands[i].member.connector);
	free(hands);
	return 0;
}
