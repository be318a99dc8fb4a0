/*
 * rounds.h - the loops of a process release memory together.
 *
 * A policy is evaluated over the sum of all loops' connections. When it is due, a round begins:
 * every loop empties what only its thread can empty, moves its blocks together where the allocator
 * can do that, and the last one has the process hand pages back, for four threads that all trim
 * stall four times. Knows threads, but no sockets: how a sleeping loop is woken is its own
 * business.
 */
#ifndef SERVER_ROUNDS_H
#define SERVER_ROUNDS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/base/status.h"
#include "server/release.h"

/* What a loop does in a round, in steps that are short enough for its connections to wait. */
enum part {
	PART_DONE,
	PART_FLUSHING,
	PART_PACKING,
	PART_RELEASING, /* the last one only */
};

/* A loop's part. */
struct member {
	struct member *next;
	void (*wake)(void *argument); /* from any thread; the loop then comes to rounds_turn() */
	void *argument;
	/* One short step of moving blocks together. Returns whether there is more. NULL: cannot. */
	bool (*pack)(struct member *member);
	enum part doing;
	uint64_t due;  /* ns: to be evaluated then, traffic or not */
	unsigned part; /* the newest round that it took part in */
};

struct rounds {
	struct release release;
	pthread_mutex_t lock;
	struct member *members;
	unsigned member_count;
	uint64_t open;		/* connections of all members */
	_Atomic unsigned begun; /* rounds, ever */
	unsigned left;		/* members that have not flushed yet */
	bool running;
	bool again;    /* the policy was due once more meanwhile */
	bool remarked; /* the plug-in's remark has been printed */
	int statm;
	uint64_t held; /* anonymous bytes when the round began, or MEMORY_UNKNOWN */
};

/* statm: of memory_open(); stays the caller's. */
void rounds_init(struct rounds *rounds, const struct release_choice *choice, int statm);
void rounds_free(struct rounds *rounds);

/* wake may be NULL where there is only one member. */
void rounds_join(struct rounds *rounds, struct member *member, void (*wake)(void *argument),
		 void *argument);

/* Does its part of a round that has begun. */
void rounds_leave(struct rounds *rounds, struct member *member, struct status_slot *account);

/*
 * At the end of an iteration that opened and closed so many connections: evaluates the policy, and
 * does this loop's part of a round. Books releases and stalls in *account. Returns the moment at
 * which the loop must come again, or RELEASE_NEVER.
 */
uint64_t rounds_turn(struct rounds *rounds, struct member *member, uint64_t opened, uint64_t closed,
		     struct status_slot *account);

/*
 * The markers between which a policy's release happens. They do nothing; they are exported so that
 * a probe can put a uprobe on them and tell the policy from the allocator's own work.
 */
void tidemark_release_begin(void);
void tidemark_release_end(void);

#endif
