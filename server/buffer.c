/*
 * buffer.c - bytes that must wait. See buffer.h.
 */
#include "server/buffer.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "allocators/allocator.h"

#define LEAST 256

struct buffer *buffer_take(size_t size, struct status_slot *account)
{
	struct buffer *buffer;

	if (size > UINT32_MAX)
		return NULL;
	buffer = allocator.take(sizeof(*buffer) + size);
	if (!buffer)
		return NULL;
	*buffer = (struct buffer){ .size = (uint32_t)size, .fd = BUFFER_WAITS };
	account->state_bytes += sizeof(*buffer) + size;
	return buffer;
}

struct buffer *buffer_give(struct buffer *buffer, struct status_slot *account)
{
	struct buffer *next;

	if (!buffer)
		return NULL;
	next = buffer->next;
	account->state_bytes -= sizeof(*buffer) + buffer->size;
	allocator.give(buffer, sizeof(*buffer) + buffer->size);
	return next;
}

void buffer_give_list(struct buffer *first, struct status_slot *account)
{
	while (first)
		first = buffer_give(first, account);
}

int buffer_add(struct buffer **buffer, const char *bytes, size_t length,
	       struct status_slot *account)
{
	struct buffer *old = *buffer;
	struct buffer *larger;
	size_t used = old ? old->end : 0;

	if (!old || old->size - used < length) {
		larger = buffer_take(
			MAX(MAX(used + length, old ? 2 * (size_t)old->size : 0), (size_t)LEAST),
			account);
		if (!larger)
			return -ENOMEM;
		if (old) {
			memcpy(larger->bytes, old->bytes, used);
			larger->begin = old->begin;
			larger->end = old->end;
			larger->deadline = old->deadline;
			larger->next = old->next;
		}
		buffer_give(old, account);
		*buffer = larger;
	}
	memcpy((*buffer)->bytes + used, bytes, length);
	(*buffer)->end += (uint32_t)length;
	return 0;
}
