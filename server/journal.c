/*
 * journal.c - the server's lines about connections and memory. See journal.h.
 */
#include "server/journal.h"

#include <inttypes.h>
#include <stdio.h>

#include "server/base/units.h"
#include "server/memory.h"

void journal_init(struct journal *journal, uint64_t step, const struct status_page *status,
		  int statm)
{
	*journal = (struct journal){ .status = status, .statm = statm, .step = step };
	pthread_mutex_init(&journal->lock, NULL);
}

void journal_free(struct journal *journal)
{
	pthread_mutex_destroy(&journal->lock);
}

static void note(struct journal *journal, const struct status_slot *account)
{
	uint64_t held = memory_anonymous(journal->statm);
	char held_kib[24] = "-";
	uint64_t clients = account->opened - account->closed;
	uint64_t steps = clients / journal->step;

	if (steps == journal->last)
		return;
	if (!journal->cycle)
		printf("%8s %10s %12s %12s %14s %10s\n", "cycle", "clients", "held_kib", "live_kib",
		       "released_kib", "blocks");
	if (steps > journal->last && !journal->rising)
		journal->cycle++;
	journal->rising = steps > journal->last;
	journal->last = steps;
	if (held != MEMORY_UNKNOWN)
		snprintf(held_kib, sizeof(held_kib), "%" PRIu64, held >> 10);
	printf("%8" PRIu64 " %10" PRIu64 " %12s %12" PRIu64 " %14" PRIu64 " %10" PRIu64 "\n",
	       journal->cycle, clients, held_kib, account->live_bytes >> 10,
	       account->released_bytes >> 10, account->live_blocks);
	fflush(stdout);
}

void journal_note(struct journal *journal)
{
	struct status_slot total;

	if (!journal->step)
		return;
	pthread_mutex_lock(&journal->lock);
	if (!status_read(journal->status, &total))
		note(journal, &total);
	pthread_mutex_unlock(&journal->lock);
}

void journal_summary(const struct journal *journal, const struct status_slot *account)
{
	uint64_t anonymous = memory_anonymous(journal->statm);
	char held[32] = "unknown", released[32], longest[32], cpu[32];

	if (anonymous != MEMORY_UNKNOWN)
		format_size(held, sizeof(held), (double)anonymous);
	printf("served %" PRIu64 " connections, shed %" PRIu64 "; %" PRIu64
	       " releases gave back %s, longest stall %s, most CPU time in one %s; held at the end: %s\n",
	       account->opened, account->shed, account->releases,
	       format_size(released, sizeof(released), (double)account->released_bytes),
	       format_duration(longest, sizeof(longest), (double)account->stall_max),
	       format_duration(cpu, sizeof(cpu), (double)account->stall_cpu_max), held);
	fflush(stdout);
}
