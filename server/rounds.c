/*
 * rounds.c - the loops of a process release memory together. See rounds.h.
 */
#include "server/rounds.h"

#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "allocators/allocator.h"
#include "server/base/clock.h"
#include "server/base/process.h"
#include "server/base/units.h"
#include "server/memory.h"

/* A step is far shorter, so a loop that releases is away from its connections hardly longer. */
#define STALL_ENOUGH (NS_PER_MS / 2)

/* noinline, and the empty asm keeps the compiler from merging the two into one. */
__attribute__((noinline)) void tidemark_release_begin(void)
{
	__asm__ volatile("# begin" ::: "memory");
}

__attribute__((noinline)) void tidemark_release_end(void)
{
	__asm__ volatile("# end" ::: "memory");
}

void rounds_init(struct rounds *rounds, const struct release_choice *choice, int statm)
{
	memset(rounds, 0, sizeof(*rounds));
	rounds->statm = statm;
	release_init(&rounds->release, choice, clock_now());
	pthread_mutex_init(&rounds->lock, NULL);
}

void rounds_free(struct rounds *rounds)
{
	pthread_mutex_destroy(&rounds->lock);
}

void rounds_join(struct rounds *rounds, struct member *member, void (*wake)(void *argument),
		 void *argument)
{
	pthread_mutex_lock(&rounds->lock);
	*member = (struct member){ .next = rounds->members,
				   .wake = wake,
				   .argument = argument,
				   .part = atomic_load(&rounds->begun) };
	rounds->members = member;
	rounds->member_count++;
	pthread_mutex_unlock(&rounds->lock);
}

/* With the lock held, as all that follows but what says otherwise. */
static void begin(struct rounds *rounds, uint64_t now, const struct member *by)
{
	rounds->held = memory_anonymous(rounds->statm);
	rounds->left = rounds->member_count;
	rounds->running = true;
	rounds->again = false;
	release_begin(&rounds->release, now, rounds->open);
	atomic_fetch_add(&rounds->begun, 1);
	for (struct member *member = rounds->members; member; member = member->next)
		if (member != by)
			member->wake(member->argument);
}

static void evaluate(struct rounds *rounds, struct member *member,
		     const struct release_traffic *traffic)
{
	uint64_t due = release_due(&rounds->release, traffic);

	if (due <= traffic->now) {
		if (rounds->running)
			rounds->again = true;
		else
			begin(rounds, traffic->now, member);
		due = RELEASE_NEVER; /* who ends the round knows better */
	}
	member->due = due;
}

/* Asked at most once a second: some allocators walk all their free lists. Without the lock. */
static void account_heap(struct status_slot *account, uint64_t now)
{
	struct allocator_stats stats = { ALLOCATOR_ABSENT, ALLOCATOR_ABSENT };

	if (account->heap_time && now - account->heap_time < NS_PER_S)
		return;
	if (!allocator.stats || allocator.stats(&stats))
		return;
	account->heap_used = stats.used;
	account->heap_free = stats.free;
	account->heap_time = clock_now();
}

static void finish(struct rounds *rounds, struct member *member, struct status_slot *account,
		   const char *remark)
{
	uint64_t held = memory_anonymous(rounds->statm);
	struct release_traffic traffic = { .now = clock_now() };

	account->releases++;
	account_heap(account, traffic.now);
	pthread_mutex_lock(&rounds->lock);
	account->released_bytes += memory_fell(rounds->held, held);
	if (remark[0] && !rounds->remarked)
		process_say("release: %s (said once)", remark);
	rounds->remarked |= remark[0] != '\0';
	rounds->running = false;
	release_end(&rounds->release, traffic.now);
	traffic.open = rounds->open;
	member->due = release_due(&rounds->release, &traffic);
	if (rounds->again)
		begin(rounds, traffic.now, member);
	pthread_mutex_unlock(&rounds->lock);
}

static enum part arrive(struct rounds *rounds)
{
	bool last;

	pthread_mutex_lock(&rounds->lock);
	last = --rounds->left == 0;
	pthread_mutex_unlock(&rounds->lock);
	return last ? PART_RELEASING : PART_DONE;
}

/* One step. Returns what comes next. Without the lock: the others go on serving meanwhile. */
static enum part step(struct rounds *rounds, struct member *member, char remark[ALLOCATOR_TEXT])
{
	int result;

	switch (member->doing) {
	case PART_FLUSHING:
		if (allocator.flush_thread)
			allocator.flush_thread();
		if (member->pack && allocator.move && allocator.wants_moves())
			return PART_PACKING;
		return arrive(rounds);
	case PART_PACKING:
		return member->pack(member) ? PART_PACKING : arrive(rounds);
	case PART_RELEASING:
		result = allocator.release_process(remark);
		if (result < 0 && !remark[0])
			snprintf(remark, ALLOCATOR_TEXT, "%s", strerror(-result));
		return result > 0 ? PART_RELEASING : PART_DONE;
	case PART_DONE:
		break;
	}
	return PART_DONE;
}

/* As many steps as go before the loop's connections should be looked at again. */
static void take_steps(struct rounds *rounds, struct member *member, struct status_slot *account,
		       uint64_t start)
{
	char remark[ALLOCATOR_TEXT] = "";
	bool last;

	tidemark_release_begin();
	do {
		last = member->doing == PART_RELEASING;
		member->doing = step(rounds, member, remark);
	} while (member->doing != PART_DONE && clock_now() - start < STALL_ENOUGH);
	tidemark_release_end();
	if (last && member->doing == PART_DONE)
		finish(rounds, member, account, remark);
}

/* All that keeps the loop from its connections is a stall, what the release is booked with too. */
static void take_part(struct rounds *rounds, struct member *member, struct status_slot *account)
{
	uint64_t start = clock_now();
	uint64_t cpu = clock_thread();
	uint64_t stall;

	take_steps(rounds, member, account, start);
	cpu = clock_thread() - cpu;
	stall = clock_now() - start;
	account->stall_total += stall;
	account->stall_max = MAX(account->stall_max, stall);
	account->stall_cpu_max = MAX(account->stall_cpu_max, cpu);
}

/* Returns whether the member has nothing more to do in any round. */
static bool go_on(struct rounds *rounds, struct member *member, struct status_slot *account)
{
	if (member->doing == PART_DONE && member->part != atomic_load(&rounds->begun)) {
		member->part++;
		member->doing = PART_FLUSHING;
	}
	if (member->doing != PART_DONE)
		take_part(rounds, member, account);
	return member->doing == PART_DONE && member->part == atomic_load(&rounds->begun);
}

uint64_t rounds_turn(struct rounds *rounds, struct member *member, uint64_t opened, uint64_t closed,
		     struct status_slot *account)
{
	uint64_t now;

	if (!release_ever(rounds->release.choice))
		return RELEASE_NEVER;
	now = clock_now();
	if (opened || closed || now >= member->due) {
		struct release_traffic traffic = { .now = now, .opened = opened, .closed = closed };

		pthread_mutex_lock(&rounds->lock);
		rounds->open += opened - closed;
		traffic.open = rounds->open;
		evaluate(rounds, member, &traffic);
		pthread_mutex_unlock(&rounds->lock);
	}
	return go_on(rounds, member, account) ? member->due : now;
}

void rounds_leave(struct rounds *rounds, struct member *member, struct status_slot *account)
{
	struct member **link = &rounds->members;

	pthread_mutex_lock(&rounds->lock);
	while (*link != member)
		link = &(*link)->next;
	*link = member->next;
	rounds->member_count--;
	rounds->again = false; /* the server ends */
	pthread_mutex_unlock(&rounds->lock);
	while (!go_on(rounds, member, account))
		;
}
