/*
 * dialog.c - what a protocol may do with a connection. See dialog.h.
 */
#include "server/dialog.h"

#include <errno.h>
#include <string.h>

#include "allocators/allocator.h"
#include "server/base/clock.h"
#include "server/options.h"

#define OUT_LEAST 1024

void *dialog_remember(struct dialog *dialog, size_t size)
{
	struct state *state = dialog->connection->state;

	if (state)
		return state->size < size ? dialog_replace(dialog, size) : state;
	return dialog_replace(dialog, size);
}

void *dialog_replace(struct dialog *dialog, size_t size)
{
	struct state *old = dialog->connection->state;
	struct state *state = allocator.take(size);

	if (!state)
		return NULL;
	memset(state, 0, size);
	if (old)
		memcpy(state, old, sizeof(*state));
	state->size = (uint16_t)size;
	dialog->account->state_bytes += size;
	if (old) {
		dialog->account->state_bytes -= old->size;
		allocator.give(old, old->size);
	}
	dialog->connection->state = state;
	return state;
}

void dialog_forget(struct dialog *dialog)
{
	struct state *state = dialog->connection->state;

	if (!state || state->out)
		return;
	dialog->account->state_bytes -= state->size;
	allocator.give(state, state->size);
	dialog->connection->state = NULL;
}

uint64_t dialog_deadline(const struct dialog *dialog)
{
	return clock_now() + dialog->options->timeout;
}

/*
 * A timer's queue is in the order of its moments, so all of its periods are equal, and deadlines
 * are looked at from time to time: who misses one is found out a quarter of --timeout later at the
 * most.
 */
uint64_t dialog_period(const struct dialog *dialog, enum dialog_timer timer)
{
	const struct server_options *options = dialog->options;

	switch (timer) {
	case DIALOG_TICK:
		return options->protocol->period;
	case DIALOG_PATIENCE:
		return options->timeout / 4;
	default:
		return options->timeout;
	}
}

int dialog_expect(struct dialog *dialog)
{
	int error = 0;

	if (!dialog->connection->patience) {
		error = dialog->transport->remind(dialog, DIALOG_PATIENCE);
		dialog->connection->patience = !error;
	}
	return error;
}

int dialog_tick_later(struct dialog *dialog)
{
	return dialog->transport->remind(dialog, DIALOG_TICK);
}

/* Appends to what waits. The newest buffer is filled up first, unless it is under way. */
static int keep(struct dialog *dialog, const char *bytes, size_t length)
{
	struct state *state = dialog_remember(dialog, sizeof(*state));
	struct buffer **link;
	struct buffer *buffer;
	size_t room;

	if (!state)
		return -ENOMEM;
	for (link = &state->out; *link && (*link)->next;)
		link = &(*link)->next;
	if (*link && (*link)->fd == BUFFER_WAITS) {
		room = (*link)->size - (*link)->end;
		room = room < length ? room : length;
		memcpy((*link)->bytes + (*link)->end, bytes, room);
		(*link)->end += (uint32_t)room;
		bytes += room;
		length -= room;
	}
	if (!length)
		return 0;
	if (*link)
		link = &(*link)->next;
	buffer = buffer_take(length < OUT_LEAST ? OUT_LEAST : length, dialog->account);
	if (!buffer)
		return -ENOMEM;
	memcpy(buffer->bytes, bytes, length);
	buffer->end = (uint32_t)length;
	buffer->deadline = dialog_deadline(dialog);
	*link = buffer;
	return dialog_expect(dialog);
}

int dialog_say(struct dialog *dialog, const char *bytes, size_t length)
{
	bool waited = dialog_waits(dialog);
	ssize_t sent = waited ? 0 : dialog->transport->send(dialog, bytes, length);
	int error;

	if (sent < 0)
		return (int)sent;
	if ((size_t)sent == length)
		return 0;
	error = keep(dialog, bytes + sent, length - (size_t)sent);
	if (!error && !waited)
		dialog->transport->waits(dialog);
	return error;
}

int dialog_say_buffer(struct dialog *dialog, struct buffer *buffer)
{
	int error = dialog_say(dialog, buffer->bytes + buffer->begin, buffer->end - buffer->begin);

	buffer_give(buffer, dialog->account);
	return error;
}

bool dialog_sent(struct dialog *dialog, size_t length)
{
	struct state *state = dialog->connection->state;
	struct buffer *first = state->out;

	first->begin += (uint32_t)length;
	if (first->begin < first->end) {
		if (length)
			first->deadline = dialog_deadline(dialog);
		return false;
	}
	state->out = buffer_give(first, dialog->account);
	if (state->out)
		state->out->deadline = dialog_deadline(dialog);
	else if (state->size == sizeof(*state))
		dialog_forget(dialog);
	return true;
}

int dialog_drain(struct dialog *dialog)
{
	while (dialog_waits(dialog)) {
		const struct buffer *first = dialog->connection->state->out;
		ssize_t sent = dialog->transport->send(dialog, first->bytes + first->begin,
						       first->end - first->begin);

		if (sent < 0)
			return (int)sent;
		if (!dialog_sent(dialog, (size_t)sent))
			return -EAGAIN;
	}
	return 0;
}

int dialog_wait_first(struct dialog *dialog, const char *bytes, size_t length)
{
	struct state *state = dialog_remember(dialog, sizeof(*state));
	struct buffer *buffer = state ? buffer_take(length, dialog->account) : NULL;

	if (!buffer)
		return -ENOMEM;
	memcpy(buffer->bytes, bytes, length);
	buffer->end = (uint32_t)length;
	buffer->deadline = dialog_deadline(dialog);
	buffer->next = state->out;
	state->out = buffer;
	return dialog_expect(dialog);
}

void dialog_close(struct dialog *dialog)
{
	struct state *state = dialog->connection->state;

	if (!state)
		return;
	buffer_give_list(state->out, dialog->account);
	state->out = NULL;
	dialog_forget(dialog);
}
