/*
 * lifetimes.c - queues of blocks that are due. See lifetimes.h.
 */
#include "server/lifetimes.h"

#include <string.h>

static struct lifetime *entries(const struct lifetimes *queue)
{
	return (struct lifetime *)queue->entries.memory;
}

int lifetimes_push(struct lifetimes *queue, struct lifetime entry)
{
	int error = extent_reserve(&queue->entries, (queue->tail + 1) * sizeof(entry));
	struct lifetime *at;

	if (error)
		return error;
	at = entries(queue) + queue->tail++;
	for (; at > entries(queue) + queue->head && at[-1].due > entry.due; at--)
		*at = at[-1];
	*at = entry;
	return 0;
}

const struct lifetime *lifetimes_first(const struct lifetimes *queue)
{
	return queue->head < queue->tail ? &entries(queue)[queue->head] : NULL;
}

void lifetimes_pop(struct lifetimes *queue)
{
	queue->head++;
	/* Move down what is left once it is the smaller half: a constant cost an entry. */
	if (queue->head * 2 < queue->tail)
		return;
	queue->tail -= queue->head;
	memmove(entries(queue), entries(queue) + queue->head,
		queue->tail * sizeof(struct lifetime));
	queue->head = 0;
}

void lifetimes_trim(struct lifetimes *queue)
{
	extent_trim(&queue->entries, queue->tail * sizeof(struct lifetime));
}

void lifetimes_free(struct lifetimes *queue)
{
	extent_free(&queue->entries);
}
