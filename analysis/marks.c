/*
 * marks.c - when memory was given back, and by whom. See marks.h.
 */
#include "analysis/marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/ledger.h"

static enum mark_cause cause_of(const struct release_event_row *event)
{
	if (!strcmp(event->cause, "policy"))
		return MARK_POLICY;
	return strcmp(event->cause, "allocator") ? MARK_UNKNOWN : MARK_ALLOCATOR;
}

static int by_cause_and_time(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	if (x->cause != y->cause)
		return x->cause < y->cause ? -1 : 1;
	return (x->time > y->time) - (x->time < y->time);
}

/* Joins neighbours in place, and returns how many marks are left. */
static size_t cluster(struct mark *marks, size_t count, uint64_t width, double least)
{
	size_t used = 0;

	for (size_t i = 0, next; i < count; i = next) {
		struct mark joined = marks[i];

		for (next = i + 1; next < count && marks[next].cause == joined.cause &&
				   marks[next].time - joined.time < width;
		     next++)
			joined.bytes += marks[next].bytes;
		if (joined.bytes >= least)
			marks[used++] = joined;
	}
	return used;
}

int marks_find(struct mark **marks, size_t *count, const struct evidence *evidence, uint64_t width,
	       double least)
{
	size_t events = 0;

	*count = 0;
	*marks = calloc(evidence->event_count + 1, sizeof(**marks));
	if (!*marks)
		return -ENOMEM;
	for (size_t i = 0; i < evidence->event_count; i++) {
		const struct release_event_row *event = &evidence->events[i];

		if (event->time != RECORD_ABSENT)
			(*marks)[events++] = (struct mark){ event->time, cause_of(event),
							    ledger_released(event->freed,
									    event->swapped) };
	}
	qsort(*marks, events, sizeof(**marks), by_cause_and_time);
	*count = cluster(*marks, events, width, least);
	return 0;
}
