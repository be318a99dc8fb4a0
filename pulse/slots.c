/*
 * slots.c - a connector's memory, and the ways in which its connections end. See slots.h.
 */
#include "pulse/slots.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/param.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "pulse/losses.h"
#include "server/base/units.h"

/* Slots looked at between two turns. A close takes about 10 us where the server is told at once. */
#define CLOSE_BATCH 128

/* ns, unless told otherwise. The kernel gives up after two minutes (tcp_syn_retries). */
#define TIMEOUT (30 * NS_PER_S)

static void *map(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		    -1, 0);
}

static int map_slots(struct connector *connector)
{
	uint32_t *turns;

	connector->slots = map(connector->capacity * sizeof(struct slot));
	if (connector->slots == MAP_FAILED)
		return -errno;
	turns = map(connector->capacity * sizeof(*turns));
	if (turns == MAP_FAILED) {
		munmap(connector->slots, connector->capacity * sizeof(struct slot));
		return -ENOMEM;
	}
	connector->conversation.turns = turns;
	return 0;
}

static void unmap_slots(struct connector *connector)
{
	munmap(connector->slots, connector->capacity * sizeof(struct slot));
	munmap(connector->conversation.turns, connector->capacity * sizeof(uint32_t));
}

int connector_create(struct connector **connector, const struct address *server,
		     const struct sources *sources, uint64_t capacity, int wake)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = WAKE };
	struct connector *made;
	int error;

	if (capacity >= WAKE)
		return -EOVERFLOW;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->server = server;
	made->sources = sources;
	made->capacity = (uint32_t)capacity;
	made->conversation.speech.script.protocol = &pulse_idle;
	made->conversation.speech.timeout = TIMEOUT;
	error = map_slots(made);
	if (error)
		goto failed;
	made->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (made->epoll < 0 || epoll_ctl(made->epoll, EPOLL_CTL_ADD, wake, &event)) {
		error = -errno;
		goto failed_epoll;
	}
	*connector = made;
	return 0;

failed_epoll:
	if (made->epoll >= 0)
		close(made->epoll);
	unmap_slots(made);
failed:
	free(made);
	return error;
}

/* The timer slack of 50 us would be in every latency of an open loop (prctl(2)). */
void connector_speak(struct connector *connector, const struct speech *speech)
{
	struct script *script = &connector->conversation.speech.script;

	connector->conversation.speech = *speech;
	address_format(script->host, sizeof(script->host), connector->server);
	if (speech->ops)
		prctl(PR_SET_TIMERSLACK, 1);
}

void connector_count_loss(struct connector *connector, int error)
{
	struct pulse *pulse = connector->pulse;

	losses_count(&pulse->losses, error);
	if (!pulse->error)
		pulse->error = error;
}

void connector_close_slot(struct connector *connector, struct slot *slot)
{
	conversation_end(connector, slot);
	close(slot->fd);
	slot->state = SLOT_FREE;
}

void connector_lose(struct connector *connector, struct slot *slot, int error)
{
	struct pulse *pulse = connector->pulse;

	if (slot->state == SLOT_SURVIVOR)
		connector->survivors--;
	else if (slot->state == SLOT_OPEN)
		pulse->open--;
	else if (slot->state != SLOT_LEAVING)
		pulse->connecting--;
	connector_close_slot(connector, slot);
	connector_count_loss(connector, error);
}

/* A last word, if it goes at once: nobody waits for an answer. */
static void leave(struct connector *connector, struct slot *slot)
{
	if (slots_protocol(connector)->parts) {
		dialogue_owe(&slot->talk, SAY_AWAY);
		dialogue_say(connector, slot);
	}
	connector_close_slot(connector, slot);
}

/* The closing of one slot of the pulse. */
static void close_or_keep(struct connector *connector, struct slot *slot, struct survivors *chooser)
{
	struct pulse *pulse = connector->pulse;

	if (slot->state == SLOT_CONNECTING || slot->state == SLOT_GREETING) {
		pulse->connecting--;
		pulse->issued--;
		connector_close_slot(connector, slot);
	} else if (slot->state == SLOT_LEAVING) {
		connector_close_slot(connector, slot);
	} else if (slot->state == SLOT_OPEN) {
		pulse->open--;
		if (!survivors_next(chooser)) {
			leave(connector, slot);
			return;
		}
		slot->state = SLOT_SURVIVOR;
		connector->survivors++;
	}
}

bool connector_close(struct connector *connector, struct survivors *chooser, uint64_t survivors)
{
	uint32_t end = MIN(connector->closed + CLOSE_BATCH, connector->next);

	if (!connector->closing) {
		connector_hush(connector);
		survivors_begin(chooser, survivors, connector->pulse->open);
	}
	connector->closing = true;
	while (connector->closed < end)
		close_or_keep(connector, &connector->slots[connector->closed++], chooser);
	return end < connector->next;
}

uint64_t connector_survivors(const struct connector *connector)
{
	return connector->survivors;
}

void connector_close_survivors(struct connector *connector)
{
	for (uint32_t i = 0; connector->survivors && i < connector->capacity; i++) {
		if (connector->slots[i].state != SLOT_SURVIVOR)
			continue;
		leave(connector, &connector->slots[i]);
		connector->survivors--;
	}
}

void connector_destroy(struct connector *connector)
{
	if (!connector)
		return;
	for (uint32_t i = 0; i < connector->capacity; i++)
		if (connector->slots[i].state != SLOT_FREE)
			connector_close_slot(connector, &connector->slots[i]);
	close(connector->epoll);
	unmap_slots(connector);
	free(connector);
}
