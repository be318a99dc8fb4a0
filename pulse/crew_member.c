/*
 * crew_member.c - one event loop of a crew. See crew_member.h.
 *
 * Between two steps it waits without turning, so that whatever happens to survivors meanwhile
 * counts in the next step, and the numbers of the last one stand still while they are read.
 */
#include "pulse/crew_member.h"

#include <errno.h>
#include <sys/eventfd.h>

#include "pulse/crew_plan.h"
#include "server/base/clock.h"

static void ring(const struct crew_member *member)
{
	eventfd_write(member->bell, 1);
}

static struct crew_slot *slot_of(struct crew_member *member)
{
	return &member->board->slots[member->index];
}

static void report_done(struct crew_member *member, uint64_t number)
{
	slot_of(member)->survivors = connector_survivors(member->connector);
	crew_board_set_done(slot_of(member), number);
	ring(member);
}

/* One turn of the loop; an order ends its waiting. */
static int turn(struct crew_member *member, uint64_t until)
{
	int error = connector_turn(member->connector, until);
	eventfd_t count;

	slot_of(member)->survivors = connector_survivors(member->connector);
	if (error != -EINTR)
		return error;
	eventfd_read(member->wake, &count);
	return 0;
}

static void begin(struct crew_member *member, const struct crew_order *order)
{
	struct pulse *pulse = &slot_of(member)->pulse;

	pulse->loops = member->board->loops;
	pulse->index = member->index;
	pulse->wanted = crew_share(order->step.connections, pulse->loops, pulse->index);
	pulse->rate = order->rate;
	pulse->start = order->start;
	connector_begin(member->connector, pulse);
}

/* What the parent wants to know before the next time that it looks by itself. */
static bool is_news(const struct pulse *pulse, bool any_connected, int error)
{
	return (!any_connected && pulse->connected) || (!error && pulse->error);
}

/* Until the next order. Says that this one is carried out as soon as the pulse is settled. */
static int watch(struct crew_member *member, uint64_t number)
{
	const struct pulse *pulse = &slot_of(member)->pulse;
	bool settled = false;
	int error = 0;

	while (!error && crew_board_newest(member->board) == number) {
		bool any_connected = pulse->connected > 0;
		int known = pulse->error;

		if (!settled && connector_settled(member->connector)) {
			settled = true;
			report_done(member, number);
		}
		error = turn(member, UINT64_MAX);
		if (is_news(pulse, any_connected, known))
			ring(member);
	}
	return error;
}

static void talk(struct crew_member *member, const struct crew_order *order)
{
	const struct crew_part *part = &slot_of(member)->part;
	struct window window = {
		.begin = order->start,
		.end = order->end,
		.active = part->active,
		.loops = part->loops,
		.index = part->index,
	};

	connector_talk(member->connector, &window);
}

/* What was asked is answered first; then those that leave say so, and that is answered. */
static int part(struct crew_member *member, uint64_t survivors)
{
	int error = 0;

	connector_hush(member->connector);
	while (!error && !connector_quiet(member->connector))
		error = turn(member, UINT64_MAX);
	if (!error)
		connector_part(member->connector, &member->chooser, survivors);
	while (!error && !connector_quiet(member->connector))
		error = turn(member, UINT64_MAX);
	return error;
}

/* The loop turns in between, for those that are still open. */
static int close_pulse(struct crew_member *member, const struct crew_order *order)
{
	uint64_t survivors = crew_share_of_survivors(&order->step, member->chooser.order,
						     member->board->loops, member->index);
	int error = order->at_once ? 0 : part(member, survivors);

	while (!error && connector_close(member->connector, &member->chooser, survivors))
		error = turn(member, clock_now());
	return error;
}

static int carry_out(struct crew_member *member, const struct crew_order *order, uint64_t number)
{
	int error = 0;

	switch (order->task) {
	case CREW_CONNECT:
		if (order->step.replaces)
			connector_close_survivors(member->connector);
		begin(member, order);
		return watch(member, number);
	case CREW_TALK:
		talk(member, order);
		return watch(member, number);
	case CREW_CLOSE:
		error = close_pulse(member, order);
		break;
	case CREW_LEAVE:
		connector_close_survivors(member->connector);
		break;
	}
	if (!error)
		report_done(member, number);
	return error;
}

int crew_member_serve(struct crew_member *member)
{
	struct crew_order order = { .task = CREW_CONNECT };
	uint64_t number = 1;
	int error = 0;

	while (!error && order.task != CREW_LEAVE) {
		eventfd_t count;

		while (!crew_board_order(member->board, number, &order))
			eventfd_read(member->wake, &count);
		error = carry_out(member, &order, number++);
	}
	if (error) {
		slot_of(member)->error = -error;
		ring(member);
	}
	return error;
}
