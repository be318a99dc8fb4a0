/*
 * conversation.c - who talks when, on the connections that connector.c has made. See slots.h.
 *
 * Time is read once for all that came at once: it had come by then. It is read for each request:
 * with one reading for a batch, the last one would look slower than it is. Decision 15 has what
 * that costs, and what it changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/param.h>

#include "pulse/slots.h"
#include "server/base/clock.h"
#include "server/base/units.h"

#define LOOKS 16 /* for overdue answers, within the time that an answer may take */

static int ask(struct connector *connector, struct slot *slot, uint64_t now)
{
	struct talk *talk = &slot->talk;

	talk->waiting = true;
	talk->issued = now;
	talk->got = 0;
	connector->conversation.asked++;
	dialogue_owe(talk, SAY_REQUEST);
	return dialogue_say(connector, slot);
}

static uint64_t since(uint64_t moment, uint64_t now)
{
	return now > moment ? now - moment : 0;
}

static uint64_t planned(const struct conversation *conversation, const struct talk *talk)
{
	return conversation->speech.ops ? pace_planned(&conversation->pace, talk->operation)
					: talk->planned;
}

/* In the closed loop the next request follows; in the open loop, if its time has passed. */
static int ask_again(struct connector *connector, struct slot *slot, uint64_t now)
{
	struct conversation *conversation = &connector->conversation;
	struct talk *talk = &slot->talk;

	if (conversation->speech.ops) {
		talk->operation += conversation->pace.turns;
		if (!conversation->talking ||
		    talk->operation >= pace_until(&conversation->pace, now + 1))
			return 0;
	} else {
		if (!conversation->talking || now >= connector->pulse->traffic.end)
			return 0;
		talk->planned = now;
	}
	return ask(connector, slot, now);
}

int conversation_answered(struct connector *connector, struct slot *slot, uint64_t now)
{
	struct conversation *conversation = &connector->conversation;
	struct traffic *traffic = &connector->pulse->traffic;
	struct talk *talk = &slot->talk;

	if (talk->saying == SAY_REQUEST || dialogue_is_due(talk, SAY_REQUEST))
		return -EBADMSG; /* nobody can know it before it has been sent */
	talk->waiting = false;
	conversation->asked--;
	traffic_count(traffic, now);
	histogram_record(&traffic->corrected, since(planned(conversation, talk), now));
	histogram_record(&traffic->raw, since(talk->issued, now));
	return ask_again(connector, slot, now);
}

int conversation_continue(struct connector *connector, struct slot *slot, uint32_t events,
			  uint64_t now)
{
	int error = 0;

	if (events & EPOLLIN && slots_protocol(connector)->hears)
		error = dialogue_hear(connector, slot, now);
	if (!error && (slot->talk.saying || slot->talk.due))
		error = dialogue_say(connector, slot);
	return error;
}

int conversation_greet(struct connector *connector, struct slot *slot)
{
	dialogue_owe(&slot->talk, SAY_HELLO);
	return dialogue_say(connector, slot);
}

void conversation_begin(struct connector *connector)
{
	struct conversation *conversation = &connector->conversation;

	conversation->talking = false;
	conversation->turn_count = 0;
	conversation->asked = 0;
	conversation->leaving = 0;
	conversation->next_look = clock_now();
}

/* Those that talk are evenly scattered among all that are open. */
static void choose_turns(struct connector *connector, uint64_t active)
{
	struct conversation *conversation = &connector->conversation;
	uint64_t open = connector->pulse->open, seen = 0;

	active = MIN(active, open);
	for (uint32_t i = 0; i < connector->next; i++) {
		struct slot *slot = &connector->slots[i];

		if (slot->state != SLOT_OPEN)
			continue;
		if ((seen + 1) * active / open > seen * active / open) {
			slot->talk.operation = conversation->turn_count;
			conversation->turns[conversation->turn_count++] = i;
		}
		seen++;
	}
}

static void ask_or_lose(struct connector *connector, struct slot *slot, uint64_t now)
{
	int error = ask(connector, slot, now);

	if (error)
		connector_lose(connector, slot, -error);
}

void connector_talk(struct connector *connector, const struct window *window)
{
	struct conversation *conversation = &connector->conversation;
	struct traffic *traffic = &connector->pulse->traffic;

	if (!slots_protocol(connector)->hears || !window->active)
		return;
	traffic->begin = window->begin;
	traffic->end = MAX(window->begin, window->end);
	if (!slots_protocol(connector)->asks)
		return;
	conversation->talking = true;
	choose_turns(connector, window->active);
	if (conversation->speech.ops) {
		conversation->pace = (struct pace){
			.start = traffic->begin,
			.end = traffic->end,
			.rate = conversation->speech.ops,
			.turns = MAX(conversation->turn_count, 1),
			.loops = window->loops,
			.index = window->index,
		};
		conversation->next = 0;
		return;
	}
	for (uint32_t i = 0; i < conversation->turn_count; i++) {
		struct slot *slot = &connector->slots[conversation->turns[i]];

		slot->talk.planned = clock_now();
		ask_or_lose(connector, slot, slot->talk.planned);
	}
}

/* Of connections that are behind, the requests follow when the answer has come. */
static void ask_planned(struct connector *connector, uint64_t now)
{
	struct conversation *conversation = &connector->conversation;
	uint64_t due = pace_until(&conversation->pace, now + 1);

	for (; conversation->next < due && conversation->turn_count; conversation->next++) {
		uint64_t turn = conversation->next % conversation->pace.turns;
		struct slot *slot = &connector->slots[conversation->turns[turn]];

		if (slot->state == SLOT_OPEN && !slot->talk.waiting &&
		    slot->talk.operation == conversation->next)
			ask_or_lose(connector, slot, now);
	}
}

/* Of a feed, the chunk that never came; a request is counted when its connection ends. */
static void give_up(struct connector *connector, struct slot *slot, uint64_t now)
{
	struct traffic *traffic = &connector->pulse->traffic;

	if (!slots_protocol(connector)->asks && slot->state != SLOT_LEAVING) {
		uint64_t lateness = since(slot->talk.planned, now);

		histogram_record(&traffic->corrected, lateness);
		traffic->late += lateness > TRAFFIC_LATE;
		slot->talk.planned = UINT64_MAX; /* counted */
	}
	traffic->timeouts++;
	connector_lose(connector, slot, ETIMEDOUT);
}

/* Returns whether there were any. */
static bool look_for_overdue(struct connector *connector, uint64_t now)
{
	uint64_t before = connector->pulse->traffic.timeouts;
	struct conversation *conversation = &connector->conversation;
	uint64_t timeout = conversation->speech.timeout;

	conversation->next_look = now + MIN(timeout / LOOKS, NS_PER_S);
	for (uint32_t i = 0; i < connector->used; i++) {
		struct slot *slot = &connector->slots[i];

		if (slot->state >= SLOT_OPEN && slot->talk.waiting &&
		    slot->talk.issued + timeout <= now)
			give_up(connector, slot, now);
	}
	return connector->pulse->traffic.timeouts > before;
}

static bool awaits(const struct connector *connector)
{
	const struct pulse_protocol *protocol = slots_protocol(connector);

	return connector->conversation.asked || connector->conversation.leaving ||
	       (protocol->hears && !protocol->asks);
}

bool conversation_act(struct connector *connector, uint64_t now)
{
	struct conversation *conversation = &connector->conversation;

	if (conversation->talking && conversation->speech.ops)
		ask_planned(connector, now);
	return awaits(connector) && conversation->next_look <= now &&
	       look_for_overdue(connector, now);
}

uint64_t conversation_next(const struct connector *connector)
{
	const struct conversation *conversation = &connector->conversation;
	uint64_t next = awaits(connector) ? conversation->next_look : UINT64_MAX;

	if (conversation->talking && conversation->speech.ops && conversation->turn_count &&
	    conversation->next < pace_until(&conversation->pace, conversation->pace.end))
		next = MIN(next, pace_planned(&conversation->pace, conversation->next));
	return next;
}

/* From that operation on, all that a connection had planned. */
static void count_left(struct traffic *traffic, const struct pace *pace, uint64_t operation)
{
	uint64_t left = pace_left(pace, operation);

	traffic->unsent += left;
	for (; left; left--, operation += pace->turns)
		histogram_record(&traffic->corrected,
				 since(pace_planned(pace, operation), pace->end));
}

/*
 * Requests that were never sent: they are as late as the end of the window, at least. A connection
 * that was lost meanwhile owes all that it had planned behind the request under way; a loop that
 * has lost all of its own since they were dealt (crew_board_deal()), its whole part of the plan.
 */
static void count_unsent(struct connector *connector)
{
	const struct conversation *conversation = &connector->conversation;
	struct traffic *traffic = &connector->pulse->traffic;
	const struct pace *pace = &conversation->pace;

	for (uint32_t i = 0; i < conversation->turn_count; i++) {
		const struct talk *talk = &connector->slots[conversation->turns[i]].talk;

		count_left(traffic, pace, talk->operation + (talk->waiting ? pace->turns : 0));
	}
	if (!conversation->turn_count)
		count_left(traffic, pace, 0);
}

void connector_hush(struct connector *connector)
{
	struct conversation *conversation = &connector->conversation;
	struct traffic *traffic = &connector->pulse->traffic;

	traffic_end(traffic, clock_now());
	if (!conversation->talking)
		return;
	conversation->talking = false;
	if (!conversation->speech.ops)
		return;
	conversation->pace.end = traffic->end;
	ask_planned(connector, clock_now()); /* since the last turn of the loop */
	count_unsent(connector);
}

bool connector_quiet(const struct connector *connector)
{
	return !connector->conversation.asked && !connector->conversation.leaving;
}

void connector_part(struct connector *connector, struct survivors *chooser, uint64_t survivors)
{
	if (!slots_protocol(connector)->parts)
		return;
	survivors_begin(chooser, survivors, connector->pulse->open);
	for (uint32_t i = 0; i < connector->next; i++) {
		struct slot *slot = &connector->slots[i];
		int error;

		if (slot->state != SLOT_OPEN)
			continue;
		connector->pulse->open--;
		if (survivors_next(chooser)) {
			slot->state = SLOT_SURVIVOR;
			connector->survivors++;
			continue;
		}
		slot->state = SLOT_LEAVING;
		connector->conversation.leaving++;
		slot->talk.waiting = true;
		slot->talk.issued = clock_now();
		dialogue_owe(&slot->talk, SAY_BYE);
		error = dialogue_say(connector, slot);
		if (error)
			connector_lose(connector, slot, -error);
	}
}

/* The latency of what is never answered is at least what has passed by then. */
static void count_unanswered(struct connector *connector, const struct talk *talk)
{
	struct conversation *conversation = &connector->conversation;
	struct traffic *traffic = &connector->pulse->traffic;
	uint64_t latency = since(planned(conversation, talk), clock_now());

	if (slots_protocol(connector)->asks)
		conversation->asked--;
	else if (latency > TRAFFIC_LATE)
		traffic->late++;
	else
		return;
	histogram_record(&traffic->corrected, latency);
}

/* While the window lasts, a slot keeps its place in the plan, for count_unsent(). */
void conversation_end(struct connector *connector, struct slot *slot)
{
	struct conversation *conversation = &connector->conversation;
	struct talk *talk = &slot->talk;
	uint64_t next = talk->operation + (talk->waiting ? conversation->pace.turns : 0);

	if (talk->waiting && slot->state == SLOT_OPEN)
		count_unanswered(connector, talk);
	if (slot->state == SLOT_LEAVING)
		conversation->leaving--;
	free(talk->carry);
	memset(talk, 0, sizeof(*talk));
	if (conversation->talking && conversation->speech.ops)
		talk->operation = next;
}
