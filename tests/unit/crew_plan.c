/* crew_plan.c - shares of the loops of a crew: nothing is lost or done twice, and all of it fits.
 */
#include "pulse/crew_plan.h"

#include <errno.h>

#include "tests/unit/unit.h"

static const struct schedule million = { .burst = 1000000, .bursts = 1 };

static void shares_add_up(void **state)
{
	static const uint64_t totals[] = { 0, 1, 50, 51, 52, 1000, 1000000 };

	(void)state;
	for (size_t t = 0; t < sizeof(totals) / sizeof(totals[0]); t++) {
		uint64_t sum = 0, first = crew_share(totals[t], 51, 0);

		for (uint32_t i = 0; i < 51; i++) {
			uint64_t share = crew_share(totals[t], 51, i);

			assert_true(share == first || share + 1 == first);
			sum += share;
		}
		assert_int_equal(sum, totals[t]);
	}
}

/* Against the definition: number n belongs to loop n % loops. */
static void survivors_are_dealt_like_connections(void **state)
{
	const struct step step = { .connections = 103, .survivors = 17 };

	(void)state;
	for (uint32_t loops = 1; loops < 30; loops++)
		for (uint32_t i = 0; i < loops; i++) {
			uint64_t oldest = 0, newest = 0;

			for (uint64_t n = i; n < 103; n += loops) {
				oldest += n < 17;
				newest += n >= 103 - 17;
			}
			assert_int_equal(crew_share_of_survivors(&step, SURVIVORS_OLDEST, loops, i),
					 oldest);
			assert_int_equal(crew_share_of_survivors(&step, SURVIVORS_NEWEST, loops, i),
					 newest);
		}
}

static void scattered_survivors_add_up(void **state)
{
	const struct step step = { .connections = 1000, .survivors = 10 };
	uint64_t sum = 0;

	(void)state;
	for (uint32_t i = 0; i < 64; i++)
		sum += crew_share_of_survivors(&step, SURVIVORS_SCATTERED, 64, i);
	assert_int_equal(sum, 10);
}

static void one_process_where_it_may(void **state)
{
	struct crew_plan plan;

	(void)state;
	assert_int_equal(crew_plan_make(&plan, &million, 1, 1000018), 0);
	assert_int_equal(plan.workers, 1);
	assert_int_equal(plan.capacity, 1000000);
	assert_int_equal(crew_plan_make(&plan, &million, 1, 1000017), 0);
	assert_int_equal(plan.workers, 2);
	assert_int_equal(plan.capacity, 500000);
}

static void as_many_as_descriptors_ask_for(void **state)
{
	struct crew_plan plan;

	(void)state;
	assert_int_equal(crew_plan_make(&plan, &million, 1, 20000), 0);
	assert_int_equal(plan.workers, 51);
	assert_true(crew_fds(&plan) <= 20000);
	assert_true(plan.workers * plan.capacity >= 1000000);
	assert_int_equal(crew_plan_make(&plan, &million, 4, 20000), 0);
	assert_int_equal(plan.workers, 51);
	assert_int_equal(plan.loops, 4);
	assert_true(crew_fds(&plan) <= 20000);
	assert_true(plan.workers * 4 * plan.capacity >= 1000000);
}

static void too_few_for_any_number(void **state)
{
	struct crew_plan plan;

	(void)state;
	assert_int_equal(crew_plan_make(&plan, &million, 1, 500), -ENOBUFS);
	assert_int_equal(plan.workers, 1);
	assert_int_equal(crew_fds(&plan), 1000018);
}

static void many_weigh_no_more_than_one_a_cpu(void **state)
{
	(void)state;
	assert_int_equal(crew_niceness(1, 2), 0);
	assert_int_equal(crew_niceness(2, 2), 0);
	assert_int_equal(crew_niceness(5, 4), 1);
	assert_int_equal(crew_niceness(51, 2), 15);
}

/* The most that a loop has open when every step is shared, worst remainders included. */
static uint64_t highest(const struct schedule *schedule, enum survivor_order order, uint32_t loops,
			uint32_t index)
{
	uint64_t stay = 0, most = 0;
	struct step step;

	for (uint64_t i = 0; schedule_step(schedule, i, &step); i++) {
		uint64_t open = crew_share(step.connections, loops, index);

		if (step.replaces)
			stay = 0;
		most = stay + open > most ? stay + open : most;
		stay += crew_share_of_survivors(&step, order, loops, index);
	}
	return most;
}

static void a_loop_never_has_more_than_its_capacity(void **state)
{
	static const struct schedule schedules[] = {
		{ .burst = 100, .bursts = 7, .survivors = 0.03, .survivors_to_end = true },
		{ .burst = 10, .bursts = 3, .survivors = 0.5, .trickle = 33, .trickles = 2 },
		{ .burst = 5,
		  .bursts = 9,
		  .survivors = 1,
		  .survivors_to_end = true,
		  .trickle = 1,
		  .trickles = 1,
		  .warmup = 40,
		  .rest = 1 },
	};

	(void)state;
	for (size_t s = 0; s < sizeof(schedules) / sizeof(schedules[0]); s++)
		for (uint32_t loops = 1; loops < 40; loops++)
			for (uint32_t i = 0; i < loops; i++)
				for (int order = SURVIVORS_SCATTERED; order <= SURVIVORS_NEWEST;
				     order++)
					assert_true(highest(&schedules[s],
							    (enum survivor_order)order, loops, i) <=
						    schedule_share_of_peak(&schedules[s], loops));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_add_up),
		cmocka_unit_test(survivors_are_dealt_like_connections),
		cmocka_unit_test(scattered_survivors_add_up),
		cmocka_unit_test(one_process_where_it_may),
		cmocka_unit_test(as_many_as_descriptors_ask_for),
		cmocka_unit_test(too_few_for_any_number),
		cmocka_unit_test(many_weigh_no_more_than_one_a_cpu),
		cmocka_unit_test(a_loop_never_has_more_than_its_capacity),
	};

	return unit_main(tests);
}
