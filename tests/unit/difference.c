/*
 * difference.c - the same thing twice must not differ, two things must; censored is not guessed at.
 *
 * Runs are simulated: each block of a noisy machine has a drift of its own, which both of a pair
 * share, and each run a heavy-tailed disturbance (Student's t with 3 degrees of freedom, and one
 * run in ten that is disturbed ten times as much).
 */
#include "analysis/difference.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

#include "analysis/estimate.h"
#include "tests/unit/measured.h"

/* Fewer with the sanitizers, with which each takes some twenty times as long. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define TRIALS 100
#else
#define TRIALS 400
#endif

struct simulation {
	gsl_rng *random;
	struct bootstrap *bootstrap;
};

static int set_up(void **state)
{
	static struct simulation simulation;

	simulation.random = gsl_rng_alloc(gsl_rng_mt19937);
	gsl_rng_set(simulation.random, 4);
	simulation.bootstrap = bootstrap_new();
	*state = &simulation;
	return !simulation.bootstrap;
}

static int tear_down(void **state)
{
	struct simulation *simulation = *state;

	gsl_rng_free(simulation->random);
	bootstrap_free(simulation->bootstrap);
	return 0;
}

static double disturbance(struct simulation *simulation)
{
	double size = gsl_rng_uniform(simulation->random) < 0.1 ? 10 : 1;

	return size * gsl_ran_tdist(simulation->random, 3);
}

static struct measure known(double value)
{
	return (struct measure){ MEASURE_VALUE, value };
}

/* One row and its control: base values that every run has alike, but waste and CPU, with shifts. */
static void simulate(struct simulation *simulation, size_t count, double shift,
		     struct difference differences[METRIC_COUNT], bool paired)
{
	static const enum metric metrics[] = { METRIC_WASTE, METRIC_CPU, METRIC_LAST_P99 };
	struct measure scale[METRIC_COUNT] = {
		[METRIC_PEAK] = { MEASURE_VALUE, 100 }, [METRIC_WINDOW] = { MEASURE_VALUE, 1e9 }
	};

	memset(differences, 0, METRIC_COUNT * sizeof(*differences));
	for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++) {
		struct measure a[16], b[16];

		for (size_t j = 0; j < count; j++) {
			double drift = paired ? 20 * gsl_ran_gaussian(simulation->random, 1) : 0;

			a[j] = known(1e9 + drift + shift + disturbance(simulation));
			b[j] = known(1e9 + drift + disturbance(simulation));
		}
		if (paired)
			assert_int_equal(difference_paired(simulation->bootstrap,
							   &differences[metrics[i]], metrics[i], a,
							   b, count, scale),
					 0);
		else
			assert_int_equal(difference_unpaired(simulation->bootstrap,
							     &differences[metrics[i]], metrics[i],
							     a, count, b, count, scale),
					 0);
		/* Noise as it comes: nothing is too small here. */
		if (differences[metrics[i]].reason == REASON_SMALL)
			differences[metrics[i]].verdict = differences[metrics[i]].range.low > 0
								  ? DIFFERENCE_MORE
								  : DIFFERENCE_LESS;
	}
	difference_judge(differences);
}

static bool claims(const struct difference *difference)
{
	return difference->verdict >= DIFFERENCE_LESS;
}

/* In how many trials is anything said to differ? */
static int count_claims(struct simulation *simulation, size_t count, double shift, bool paired)
{
	struct difference differences[METRIC_COUNT];
	int claiming = 0;

	for (int trial = 0; trial < TRIALS; trial++) {
		bool any = false;

		simulate(simulation, count, shift, differences, paired);
		for (int metric = 0; metric < METRIC_COUNT; metric++)
			any |= claims(&differences[metric]);
		claiming += any;
	}
	return claiming;
}

/* One in 20, and three standard deviations of such a count (33 of 400, 11 of 100). */
static int most_by_chance(void)
{
	return (int)(TRIALS * 0.05 + 3 * sqrt(TRIALS * 0.05 * 0.95));
}

static void the_same_twice_does_not_differ(void **state)
{
	for (size_t count = 6; count <= 10; count++) {
		int claiming = count_claims(*state, count, 0, true);

		print_message("# %zu pairs: %d of %d differ\n", count, claiming, TRIALS);
		assert_true(claiming <= most_by_chance());
	}
}

static void nor_without_pairs(void **state)
{
	for (size_t count = 6; count <= 10; count++) {
		int claiming = count_claims(*state, count, 0, false);

		print_message("# %zu runs each: %d of %d differ\n", count, claiming, TRIALS);
		assert_true(claiming <= most_by_chance());
	}
}

/* A drift of the machine, many times the difference, does not hide it: both of a pair have it. */
static void a_shift_is_found(void **state)
{
	for (size_t count = 8; count <= 10; count++) {
		int claiming = count_claims(*state, count, 12, true);

		print_message("# %zu pairs, shifted: %d of %d differ\n", count, claiming, TRIALS);
		assert_true(claiming >= TRIALS * 7 / 10);
	}
	assert_true(count_claims(*state, 6, 200, true) >= TRIALS * 9 / 10);
	assert_true(count_claims(*state, 6, 200, false) >= TRIALS * 9 / 10);
}

static void few_repeats_claim_nothing(void **state)
{
	struct simulation *simulation = *state;
	struct difference differences[METRIC_COUNT];

	simulate(simulation, 5, 1000, differences, true);
	assert_int_equal(differences[METRIC_WASTE].verdict, DIFFERENCE_TOO_FEW);
	assert_true(differences[METRIC_WASTE].range.low > 0);
	assert_true(fabs(differences[METRIC_WASTE].confidence - 0.9375) < 1e-9);
	simulate(simulation, 6, 1000, differences, true);
	assert_int_equal(differences[METRIC_WASTE].verdict, DIFFERENCE_MORE);
	assert_int_equal(differences[METRIC_CPU].verdict, DIFFERENCE_TOO_FEW);
	simulate(simulation, 8, -1000, differences, true);
	assert_int_equal(differences[METRIC_CPU].verdict, DIFFERENCE_LESS);
	assert_int_equal(question_needs(QUESTION_KEPT), 6);
	assert_int_equal(question_needs(QUESTION_COST), 8);
}

static struct difference compare(struct simulation *simulation, enum metric metric,
				 const struct measure *a, const struct measure *b, size_t count)
{
	struct measure scale[METRIC_COUNT] = { [METRIC_PEAK] = { MEASURE_VALUE, 1 } };
	struct difference difference;

	assert_int_equal(
		difference_paired(simulation->bootstrap, &difference, metric, a, b, count, scale),
		0);
	return difference;
}

static void censored_times_bound_a_difference(void **state)
{
	struct measure a[8], b[8];
	struct difference found;

	for (size_t i = 0; i < 8; i++) {
		a[i] = (struct measure){ MEASURE_CENSORED, 15e9 };
		b[i] = known(2e9 + (double)i);
	}
	found = compare(*state, METRIC_T50, a, b, 8);
	assert_int_equal(found.verdict, DIFFERENCE_MORE);
	assert_true(fabs(found.median.low - 13e9) < 10 && isinf(found.median.high));
	assert_true(isinf(found.range.high) && found.range.low > 12.9e9);
	found = compare(*state, METRIC_T50, b, a, 8);
	assert_int_equal(found.verdict, DIFFERENCE_LESS);

	found = compare(*state, METRIC_T50, a, a, 8);
	assert_int_equal(found.verdict, DIFFERENCE_UNKNOWN);
	assert_int_equal(found.reason, REASON_CENSORED);
	assert_true(isinf(found.range.low) && isinf(found.range.high));
}

/* At most 20 is less than 30, and nobody knows whether it is less than 10. */
static void censored_floors_bound_it_from_the_other_side(void **state)
{
	struct measure most[8], high[8], low[8];

	for (size_t i = 0; i < 8; i++) {
		most[i] = (struct measure){ MEASURE_CENSORED, 20 };
		high[i] = known(30);
		low[i] = known(10);
	}
	assert_int_equal(compare(*state, METRIC_FLOOR, most, high, 8).verdict, DIFFERENCE_LESS);
	assert_int_equal(compare(*state, METRIC_FLOOR, most, low, 8).verdict, DIFFERENCE_UNKNOWN);
	assert_int_equal(compare(*state, METRIC_FLOOR, high, most, 8).verdict, DIFFERENCE_MORE);
}

static void what_is_absent_makes_no_pair(void **state)
{
	struct measure a[3] = { { 0 }, { MEASURE_VALUE, 5 }, { MEASURE_VALUE, 6 } };
	struct measure b[3] = { { MEASURE_VALUE, 1 }, { 0 }, { MEASURE_VALUE, 2 } };
	struct difference found = compare(*state, METRIC_PEAK, a, b, 3);

	assert_int_equal(found.count, 1);
	assert_true(found.median.low == 4 && found.control.value == 2);
	found = compare(*state, METRIC_PEAK, a, b, 2);
	assert_int_equal(found.verdict, DIFFERENCE_ABSENT);
}

static void a_small_difference_is_none(void **state)
{
	struct measure scale[METRIC_COUNT] = { [METRIC_PEAK] = { MEASURE_VALUE, 100 } }, a[8], b[8];
	struct simulation *simulation = *state;
	struct difference found;

	for (size_t i = 0; i < 8; i++) {
		a[i] = known(50.5);
		b[i] = known(50);
	}
	difference_paired(simulation->bootstrap, &found, METRIC_FLOOR, a, b, 8, scale);
	assert_int_equal(found.verdict, DIFFERENCE_NONE);
	assert_int_equal(found.reason, REASON_SMALL);
}

static void the_first_figure_decides(void **state)
{
	struct difference differences[METRIC_COUNT] = {
		[METRIC_WASTE] = { .verdict = DIFFERENCE_NONE },
		[METRIC_FLOOR] = { .verdict = DIFFERENCE_MORE },
		[METRIC_LAST_P99] = { .verdict = DIFFERENCE_LESS },
		[METRIC_FAULTS] = { .verdict = DIFFERENCE_MORE },
	};

	(void)state;
	difference_judge(differences);
	assert_int_equal(differences[METRIC_FLOOR].verdict, DIFFERENCE_NONE);
	assert_int_equal(differences[METRIC_FLOOR].reason, REASON_GATED);
	/* CPU time is not known: the next one decides. */
	assert_int_equal(differences[METRIC_LAST_P99].verdict, DIFFERENCE_LESS);
	assert_int_equal(differences[METRIC_FAULTS].verdict, DIFFERENCE_MORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_same_twice_does_not_differ, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nor_without_pairs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_shift_is_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(few_repeats_claim_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(censored_times_bound_a_difference, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(censored_floors_bound_it_from_the_other_side,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_absent_makes_no_pair, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_small_difference_is_none, set_up, tear_down),
		cmocka_unit_test(the_first_figure_decides),
	};

	return unit_main(tests);
}
