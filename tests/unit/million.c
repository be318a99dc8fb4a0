/*
 * million.c - into how many processes a million connections go, and what growth is linear.
 */
#include <errno.h>
#include <math.h>

#include "analysis/million_figures.h"
#include "analysis/million_plan.h"
#include "tests/unit/unit.h"

static void a_million_with_20000_descriptors(void **state)
{
	struct million_plan plan;

	(void)state;
	assert_int_equal(million_plan_make(&plan, 1000000, 20000, 28232), 0);
	/* Each but the last is filled up. */
	assert_int_equal(plan.workers, 51);
	assert_int_equal(plan.callers, 51);
	assert_int_equal(plan.sources, 142);
}

static void few_connections_have_two_workers(void **state)
{
	struct million_plan plan;

	(void)state;
	assert_int_equal(million_plan_make(&plan, 2000, 20000, 28232), 0);
	assert_int_equal(plan.workers, 2);
	assert_int_equal(plan.callers, 1);
	assert_int_equal(plan.sources, 1);
}

static void few_descriptors_are_too_few(void **state)
{
	struct million_plan plan;

	(void)state;
	assert_int_equal(million_plan_make(&plan, 1000000, 256, 28232), -EMFILE);
	/* What it says would be enough is enough, and one less is not. */
	assert_int_equal(million_plan_make(&plan, 1000000, plan.fds, 28232), 0);
	assert_int_equal(million_plan_make(&plan, 1000000, plan.fds - 1, 28232), -EMFILE);
}

/* Samples with so many bytes of slab at each step of 100 connections. */
static void fill(struct million_pass *pass, const uint64_t *slab, size_t count)
{
	pass->count = count;
	pass->connections = 100 * (count - 1);
	for (size_t i = 0; i < count; i++) {
		pass->samples[i].connections = 100 * i;
		pass->samples[i].machine.slab = slab[i];
		pass->samples[i].server = 1000 + 100 * i;
		pass->samples[i].pulse = 5000 + 5000 * i;
		pass->samples[i].machine.available = 1000000 - slab[i];
	}
	pass->full = pass->samples[count - 1];
	pass->after = pass->samples[0];
}

static void straight_growth(void **state)
{
	static const uint64_t slab[] = { 0, 1000, 2000, 3000, 4000 };
	struct million_pass pass = { 0 };
	struct million_figures figures;

	(void)state;
	fill(&pass, slab, 5);
	million_figures_of(&figures, &pass);
	assert_float_equal(figures.slab, 10, 1e-9);
	assert_float_equal(figures.server, 1, 1e-9);
	assert_float_equal(figures.pulse, 50, 1e-9);
	assert_float_equal(figures.server_base, 1000, 1e-9);
	assert_float_equal(figures.bend[0], 1, 1e-9);
	assert_float_equal(figures.bend[1], 1, 1e-9);
	assert_float_equal(figures.returned, 1, 1e-9);
	assert_float_equal(figures.slab_returned, 1, 1e-9);
}

static void growth_that_bends(void **state)
{
	static const uint64_t slab[] = { 0, 1000, 2000, 4000, 6000 };
	struct million_pass pass = { 0 };
	struct million_figures figures;

	(void)state;
	fill(&pass, slab, 5);
	million_figures_of(&figures, &pass);
	assert_float_equal(figures.bend[0], 2, 1e-9);
}

/* All came between two readings, and the machine was busy with other things. */
static void what_did_not_grow_has_no_share(void **state)
{
	static const uint64_t slab[] = { 1000, 0, 0, 0, 0 };
	struct million_pass pass = { 0 };
	struct million_figures figures;

	(void)state;
	fill(&pass, slab, 5);
	for (size_t i = 1; i < 5; i++)
		pass.samples[i].connections = 400;
	million_figures_of(&figures, &pass);
	assert_true(isnan(figures.bend[0]));
	assert_true(isnan(figures.slab_returned));
	assert_true(isnan(figures.returned));
	assert_float_equal(figures.pulse, 50, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_million_with_20000_descriptors),
		cmocka_unit_test(few_connections_have_two_workers),
		cmocka_unit_test(few_descriptors_are_too_few),
		cmocka_unit_test(straight_growth),
		cmocka_unit_test(growth_that_bends),
		cmocka_unit_test(what_did_not_grow_has_no_share),
	};

	return unit_main(tests);
}
