/* schedule.c - the steps of a run in their order, and what they need at once. */
#include "pulse/schedule.h"

#include <stdio.h>
#include <string.h>

#include "server/base/units.h"
#include "tests/unit/unit.h"

static const struct schedule usual = {
	.burst = 100,
	.bursts = 2,
	.burst_gap = 2 * NS_PER_S,
	.window = 15 * NS_PER_S,
	.trickle = 10,
	.trickles = 2,
	.trickle_gap = 1 * NS_PER_S,
	.linger = 4 * NS_PER_S,
};

/* "burst 1; gap 1; ..." of at most so many steps; "!" behind them when there are more. */
static const char *walk(const struct schedule *schedule, uint64_t most)
{
	static char text[512];
	struct step step;
	size_t length = 0;
	uint64_t i = 0;

	text[0] = '\0';
	for (; i < most && schedule_step(schedule, i, &step); i++)
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s %d",
					   i ? "; " : "", step.name, (int)step.number);
	if (schedule_step(schedule, i, &step))
		snprintf(text + length, sizeof(text) - length, "; !");
	return text;
}

static void bursts_window_trickles(void **state)
{
	(void)state;
	assert_string_equal(walk(&usual, 20),
			    "burst 1; gap 1; burst 2; window 1; trickle 1; gap 2; trickle 2");
}

static void steps_carry_their_values(void **state)
{
	struct schedule schedule = usual;
	struct step step;

	(void)state;
	schedule.survivors = 0.05;
	assert_true(schedule_step(&schedule, 0, &step));
	assert_int_equal(step.connections, 100);
	assert_int_equal(step.time, 4 * NS_PER_S);
	assert_int_equal(step.survivors, 5);
	assert_true(step.replaces);
	assert_true(schedule_step(&schedule, 1, &step));
	assert_int_equal(step.connections, 0);
	assert_int_equal(step.time, 2 * NS_PER_S);
	assert_false(step.replaces);
	assert_true(schedule_step(&schedule, 3, &step));
	assert_int_equal(step.time, 15 * NS_PER_S);
	assert_true(schedule_step(&schedule, 4, &step));
	assert_int_equal(step.connections, 10);
	assert_int_equal(step.survivors, 0);
	assert_false(step.replaces);
	assert_true(schedule_step(&schedule, 5, &step));
	assert_int_equal(step.time, 1 * NS_PER_S);
}

static void warmup_and_rest_come_first(void **state)
{
	struct schedule schedule = usual;
	struct step step;

	(void)state;
	schedule.trickle = 0;
	schedule.rest = 3;
	assert_string_equal(walk(&schedule, 20), "rest 1; burst 1; gap 1; burst 2; window 1");
	schedule.warmup = 7;
	assert_string_equal(walk(&schedule, 20),
			    "warmup 1; rest 1; burst 1; gap 1; burst 2; window 1");
	assert_true(schedule_step(&schedule, 0, &step));
	assert_int_equal(step.connections, 7);
	assert_int_equal(step.time, 0);
}

static void trickles_for_ever(void **state)
{
	struct schedule schedule = usual;
	struct step step;

	(void)state;
	schedule.trickles = 0;
	assert_string_equal(walk(&schedule, 6),
			    "burst 1; gap 1; burst 2; window 1; trickle 1; gap 2; !");
	assert_true(schedule_step(&schedule, 4 + 2 * 999999, &step));
	assert_string_equal(step.name, "trickle");
	assert_int_equal(step.number, 1000000);
}

static void trickles_alone(void **state)
{
	struct schedule schedule = usual;

	(void)state;
	schedule.bursts = 0;
	assert_string_equal(walk(&schedule, 20), "trickle 1; gap 1; trickle 2");
	assert_int_equal(schedule_peak(&schedule), 10);
}

static void peak_counts_survivors(void **state)
{
	struct schedule schedule = usual;

	(void)state;
	assert_int_equal(schedule_peak(&schedule), 100);
	schedule.survivors = 0.2;
	assert_int_equal(schedule_peak(&schedule), 100);
	schedule.survivors_to_end = true;
	assert_int_equal(schedule_peak(&schedule), 120);
	schedule.bursts = 5;
	assert_int_equal(schedule_peak(&schedule), 180);
	schedule.trickle = 150;
	assert_int_equal(schedule_peak(&schedule), 250);
	schedule.warmup = 300;
	assert_int_equal(schedule_peak(&schedule), 300);
}

/* Bursts of 100 begin at 0 and 6 s and are closed after 4 s; trickles of 10 at 25 and 30 s. */
static void ports_wait_for_their_hold(void **state)
{
	(void)state;
	assert_int_equal(schedule_ports(&usual, 0, 0), 100);
	assert_int_equal(schedule_ports(&usual, 1 * NS_PER_S, 0), 100);
	assert_int_equal(schedule_ports(&usual, 3 * NS_PER_S, 0), 200);
	assert_int_equal(schedule_ports(&usual, 16 * NS_PER_S, 0), 200);
	assert_int_equal(schedule_ports(&usual, 60 * NS_PER_S, 0), 220);
}

static void slow_connecting_spreads_ports(void **state)
{
	(void)state;
	/* A burst takes 50 s more: the first one's ports are free again when the third begins. */
	assert_int_equal(schedule_ports(&usual, 3 * NS_PER_S, 2), 200);
	assert_int_equal(schedule_ports(&usual, 2 * NS_PER_S, 2), 100);
}

static void survivors_keep_their_ports(void **state)
{
	struct schedule schedule = usual;

	(void)state;
	schedule.survivors = 0.2;
	schedule.trickle = 0;
	/* 20 open ones are replaced by 100 as the second burst begins. */
	assert_int_equal(schedule_ports(&schedule, 1 * NS_PER_S, 0), 120);
	schedule.bursts = 4;
	assert_int_equal(schedule_ports(&schedule, 1 * NS_PER_S, 0), 120);
	schedule.survivors_to_end = true;
	assert_int_equal(schedule_ports(&schedule, 1 * NS_PER_S, 0), 160);
}

static void connecting_is_planned_with_a_rate(void **state)
{
	struct step step = { .connections = 3000, .time = 2 * NS_PER_S };

	(void)state;
	assert_int_equal(schedule_length(&step, 0), 2 * NS_PER_S);
	assert_int_equal(schedule_length(&step, 1000), 5 * NS_PER_S);
	step.connections = 0;
	assert_int_equal(schedule_length(&step, 1000), 2 * NS_PER_S);
}

static void endless_trickles_are_looked_ahead_at(void **state)
{
	struct schedule schedule = usual;

	(void)state;
	schedule.bursts = 0;
	schedule.trickles = 0;
	/* One of 10 every 5 s: open, and those closed 1, 6, 11 ... 56 s ago. */
	assert_int_equal(schedule_ports(&schedule, 60 * NS_PER_S, 0), 10 + 12 * 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bursts_window_trickles),
		cmocka_unit_test(steps_carry_their_values),
		cmocka_unit_test(warmup_and_rest_come_first),
		cmocka_unit_test(trickles_for_ever),
		cmocka_unit_test(trickles_alone),
		cmocka_unit_test(peak_counts_survivors),
		cmocka_unit_test(ports_wait_for_their_hold),
		cmocka_unit_test(slow_connecting_spreads_ports),
		cmocka_unit_test(survivors_keep_their_ports),
		cmocka_unit_test(connecting_is_planned_with_a_rate),
		cmocka_unit_test(endless_trickles_are_looked_ahead_at),
	};

	return unit_main(tests);
}
