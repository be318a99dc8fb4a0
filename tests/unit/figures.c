/* figures.c - what the report's figures are made of: spreads, fronts, costs, and how many panels.
 */
#include "analysis/figures.h"

#include <errno.h>

#include "tests/unit/measured.h"

static void a_spread_is_median_and_ends(void **state)
{
	double values[] = { 5, NAN, 1, 4, 2 };
	struct spread spread = spread_of(values, 5);

	(void)state;
	assert_true(spread.middle == 3 && spread.low == 1 && spread.high == 5);
	values[0] = NAN;
	spread = spread_of(values, 1);
	assert_true(isnan(spread.middle) && isnan(spread.low) && isnan(spread.high));
}

/* 0 and 3 are beaten by 1 and 2, 4 equals 2, 5 is unknown, 6 is alone in its load. */
static void the_front_is_what_nothing_beats(void **state)
{
	const double x[] = { 2, 1, 3, 3, 3, 0, 9 }, y[] = { 5, 5, 1, 2, 1, NAN, 9 };
	const size_t loads[] = { 0, 0, 0, 0, 0, 0, 1 };
	const bool expected[] = { false, true, true, false, true, false, true };
	struct spread xs[7], ys[7];
	bool front[7];

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		xs[i] = (struct spread){ x[i], x[i], x[i] };
		ys[i] = (struct spread){ y[i], y[i], y[i] };
	}
	tradeoff_find_front(front, xs, ys, loads, 7);
	assert_memory_equal(front, expected, sizeof(front));
}

static void add_run(const char *directory, const char *name, const char *allocator,
		    const char *release)
{
	struct recording recording;

	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_folder(directory, name, allocator, release, &recording);
	recording_free(&recording);
}

struct loaded {
	struct experiment *experiment;
	struct summary summary;
	struct figures figures;
};

static void load(struct loaded *loaded, const char *directory)
{
	char why[LOAD_WHY];

	assert_int_equal(experiment_load(&loaded->experiment, directory, why), 0);
	assert_int_equal(summary_build(&loaded->summary, loaded->experiment), 0);
	assert_int_equal(figures_build(&loaded->figures, &loaded->summary), 0);
}

static void unload(struct loaded *loaded)
{
	figures_free(&loaded->figures);
	summary_free(&loaded->summary);
	experiment_free(loaded->experiment);
}

static void a_page_has_so_many_panels_and_no_more(void **state)
{
	bool preferred[PANELS_MOST + 2] = { false };
	struct loaded loaded;
	struct panels panels;

	add_run(*state, "001-a-native", "a", "native");
	for (int i = 1; i < PANELS_MOST + 2; i++) {
		char name[32], release[16];

		snprintf(release, sizeof(release), "every=%ds", i);
		snprintf(name, sizeof(name), "%03d-a-%s", i + 1, release);
		add_run(*state, name, "a", release);
	}
	load(&loaded, *state);
	preferred[PANELS_MOST + 1] = true;
	assert_int_equal(panels_build(&panels, &loaded.summary, preferred), 0);
	assert_int_equal(panels.count, PANELS_MOST);
	assert_int_equal(panels.left_out, 2);
	assert_string_equal(panels.list[0].title, "release native");
	assert_string_equal(panels.list[PANELS_MOST - 2].title, "release every=6s");
	assert_string_equal(panels.list[PANELS_MOST - 1].title, "release every=9s");
	panels_free(&panels);
	unload(&loaded);
}

/* Two bursts, 30 ms of stalls, 4 ms of the allocator's calls, 1000 faults at 2 us. */
static void costs_are_a_burst_s_share(void **state)
{
	struct release_row rows[2] = {
		{ .call = "madvise", .cause = "policy", .duration = 29 * MS },
		{ .call = "munmap", .cause = "allocator", .duration = 4 * MS },
	};
	struct run run = { 0 };
	struct evidence *evidence = &run.recording.evidence;
	struct cost cost;

	(void)state;
	synthetic_run(&run.recording, EPOCH, steps_down);
	run.metrics[METRIC_STALL_TOTAL] = (struct measure){ MEASURE_VALUE, 30 * MS };
	run.metrics[METRIC_FAULTS] = (struct measure){ MEASURE_VALUE, 1000 };
	evidence->releases = rows;
	evidence->release_count = 2;
	cost = cost_of(&run, 2000);
	assert_true(isnan(cost.releasing)); /* nobody watched */
	assert_true(fabs(cost.faulting - 2) < 1e-9);
	synthetic_loss(evidence, "missed", "page_freed", 0);
	synthetic_loss(evidence, "missed", "madvise_exit", 0);
	cost = cost_of(&run, NAN);
	assert_true(fabs(cost.releasing - 17) < 1e-9);
	assert_true(isnan(cost.faulting));
	evidence->releases = NULL;
	recording_free(&run.recording);
}

static void a_touch_costs_the_mean_of_before_and_after(void **state)
{
	json_t *about = json_pack("{s:{s:i, s:i}}", "environment", "first_touch_before_ns", 1000,
				  "first_touch_after_ns", 3000);

	(void)state;
	assert_true(cost_touch(about) == 2000);
	json_decref(about);
	assert_true(isnan(cost_touch(NULL)));
}

/* In the two seconds behind each burst 110 MiB are held, 5 of them live. */
static void the_ratchet_has_a_floor_for_each_burst(void **state)
{
	struct loaded loaded;

	add_run(*state, "001-a-native", "a", "native");
	load(&loaded, *state);
	assert_int_equal(loaded.figures.ratchet.bursts, 2);
	assert_true(fabs(loaded.figures.ratchet.floors[0].middle - 105) < 0.1);
	assert_true(fabs(loaded.figures.ratchet.floors[1].middle - 105) < 0.1);
	assert_true(fabs(loaded.figures.ratchet.top - 105) < 0.1);
	unload(&loaded);
}

static void retention_falls_where_memory_comes_back(void **state)
{
	struct figure figure = { 0 };
	struct loaded loaded;
	json_t *xs, *ys;
	char *script;
	size_t room;
	FILE *file = open_memstream(&script, &room);

	add_run(*state, "001-a-native", "a", "native");
	load(&loaded, *state);
	assert_int_equal(retention_draw(file, &figure, &loaded.summary, &loaded.figures.panels,
					&loaded.figures.panels.list[0]),
			 0);
	fclose(file);
	xs = json_object_get(json_array_get(figure.readings, 0), "x");
	ys = json_object_get(json_array_get(figure.readings, 0), "y");
	assert_true(json_number_value(json_array_get(ys, 0)) > 90);
	assert_true(json_number_value(json_array_get(ys, json_array_size(ys) - 1)) < 15);
	for (size_t i = 0; i < json_array_size(ys); i++)
		assert_true((json_number_value(json_array_get(xs, i)) < 2) ==
			    (json_number_value(json_array_get(ys, i)) > 50));
	assert_non_null(strstr(script, "set logscale x"));
	assert_non_null(strstr(script, "retention-1-native.pdf"));
	free(script);
	figure_free(&figure);
	unload(&loaded);
}

static void readings_say_where_the_plot_is(void **state)
{
	struct figure figure = {
		.kind = "lines",
		.high = 100,
		.x = { 0, 10, false, "x", "burst", "" },
		.y = { 1, 100, true, "y", "", "MiB" },
	};
	json_t *readings;
	char *text;

	(void)state;
	assert_null(figure_readings(&figure));
	figure_add(figure_line(&figure, "a\"b", "#123456"), 1, 2, "2 to 3");
	text = figure_readings(&figure);
	readings = json_loads(text, 0, NULL);
	assert_non_null(readings);
	assert_int_equal(json_array_size(json_object_get(readings, "plot")), 4);
	assert_true(json_is_true(json_object_get(json_object_get(readings, "y"), "log")));
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(readings, "series"), 0), "name")),
		"a\"b");
	assert_true(fabs(figure_pixel(&figure, 5) - FIGURE_PLOT_WIDTH / 2.0) < 1e-9);
	json_decref(readings);
	free(text);
	figure_free(&figure);
}

#define fresh(test) cmocka_unit_test_setup_teardown(test, synthetic_make, synthetic_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spread_is_median_and_ends),
		cmocka_unit_test(the_front_is_what_nothing_beats),
		fresh(a_page_has_so_many_panels_and_no_more),
		cmocka_unit_test(costs_are_a_burst_s_share),
		cmocka_unit_test(a_touch_costs_the_mean_of_before_and_after),
		fresh(the_ratchet_has_a_floor_for_each_burst),
		fresh(retention_falls_where_memory_comes_back),
		cmocka_unit_test(readings_say_where_the_plot_is),
	};

	return unit_main(tests);
}
