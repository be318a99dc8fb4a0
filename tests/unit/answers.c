/* answers.c - what is said in words of throughput, latency and CPU an operation, and when nothing.
 */
#include "analysis/page.h"
#include "analysis/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define ROWS 3

/* glibc native, its control, and two rows that are compared with it; eight repeats each. */
struct scene {
	struct experiment experiment;
	struct run runs[ROWS];
	struct summary_row rows[ROWS];
	struct summary summary;
	struct figures figures;
	size_t loads[ROWS];
	struct spread answering[ROWS], unknown[ROWS];
	bool front[ROWS];
	struct spread time[ROWS];
};

static char *const names[ROWS] = { "glibc", "jemalloc", "slab" };

static void set_up(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->summary = (struct summary){ .experiment = &scene->experiment,
					   .rows = scene->rows,
					   .count = ROWS,
					   .repeated = true };
	scene->figures.summary = &scene->summary;
	scene->figures.tradeoff = (struct tradeoff){
		.waste = scene->unknown,
		.price = { scene->unknown, scene->unknown },
		.answering = scene->answering,
		.front = { scene->front, scene->front },
		.loads = scene->loads,
		.load_count = 1,
		.count = ROWS,
	};
	for (size_t i = 0; i < ROWS; i++) {
		struct summary_row *row = &scene->rows[i];

		for (int factor = 0; factor < FACTOR_COUNT; factor++)
			scene->runs[i].factors[factor] = "";
		scene->runs[i].factors[FACTOR_ALLOCATOR] = names[i];
		scene->runs[i].factors[FACTOR_RELEASE] = "native";
		row->first = &scene->runs[i];
		row->runs = 8;
		row->metrics[METRIC_PEAK] = (struct measure){ MEASURE_VALUE, 100 };
		row->metrics[METRIC_FLOOR] = (struct measure){ MEASURE_VALUE, 50 };
		row->intervals[METRIC_CPU_OPERATION].count = 8;
		row->control = i ? &scene->rows[0] : NULL;
		scene->unknown[i] = (struct spread){ NAN, NAN, NAN };
		scene->answering[i] = (struct spread){ 10, 9.5, 10.5 };
	}
}

static void set_difference(struct summary_row *row, enum metric metric,
			   enum difference_verdict verdict, double share)
{
	row->differences[metric] = (struct difference){
		.verdict = verdict,
		.count = 8,
		.control = { MEASURE_VALUE, 1000 },
		.median = { 1000 * share, 1000 * share },
	};
}

static void assert_said(const struct summary *summary, const char *expected)
{
	char *text = takeaway(summary);

	/* What comes first is of memory. */
	assert_non_null(text);
	assert_non_null(strstr(text, "still held"));
	assert_string_equal(strchr(text, '.') + 1, expected);
	free(text);
}

static void what_is_established_is_told(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	set_difference(&scene.rows[1], METRIC_CPU_OPERATION, DIFFERENCE_MORE, 0.13);
	set_difference(&scene.rows[1], METRIC_OPERATIONS, DIFFERENCE_LESS, -0.04);
	set_difference(&scene.rows[1], METRIC_LATENCY_P50, DIFFERENCE_MORE, 0.5);
	set_difference(&scene.rows[1], METRIC_LATENCY_P99, DIFFERENCE_MORE, 0.2);
	set_difference(&scene.rows[2], METRIC_CPU_OPERATION, DIFFERENCE_LESS, -0.05);
	assert_said(&scene.summary,
		    " Answers differ: jemalloc native from glibc native in CPU an operation "
		    "(+13 %), throughput (-4 %) and latency p99 (+20 %); slab native from glibc "
		    "native in CPU an operation (-5 %).");
}

static void what_is_alike_is_said_to_be(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	set_difference(&scene.rows[1], METRIC_CPU_OPERATION, DIFFERENCE_NONE, 0.13);
	assert_said(&scene.summary, " No difference is found in what their answers cost: jemalloc "
				    "native from glibc native.");
}

static void what_is_too_small_is_not_called_alike(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	set_difference(&scene.rows[1], METRIC_CPU, DIFFERENCE_NONE, 0.9);
	scene.rows[1].differences[METRIC_CPU].reason = REASON_SMALL;
	set_difference(&scene.rows[2], METRIC_CPU, DIFFERENCE_NONE, 0.1);
	scene.rows[2].differences[METRIC_CPU].reason = REASON_COVERS_ZERO;
	assert_said(
		&scene.summary,
		" No difference is found in what they cost: slab native from glibc native. What "
		"they cost differs by too little to be told (less than 20 ms of CPU time, or 1 "
		"%): jemalloc native from glibc native.");
}

static void a_few_are_named_and_the_rest_counted(void **state)
{
	struct summary_row rows[1 + 7];
	struct scene scene;

	(void)state;
	set_up(&scene);
	set_difference(&scene.rows[1], METRIC_WASTE, DIFFERENCE_NONE, 0.01);
	rows[0] = scene.rows[0];
	for (size_t i = 1; i < 1 + 7; i++)
		rows[i] = scene.rows[1];
	scene.summary.rows = rows;
	scene.summary.count = 1 + 7;
	assert_said(
		&scene.summary,
		" No difference is found in what they keep: jemalloc native from glibc native; "
		"jemalloc native from glibc native; jemalloc native from glibc native; jemalloc "
		"native from glibc native; and 3 more.");
}

static void without_traffic_repeats_or_trust_nothing_is_said(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	assert_said(&scene.summary, "");
	set_difference(&scene.rows[1], METRIC_CPU_OPERATION, DIFFERENCE_TOO_FEW, 0.13);
	set_difference(&scene.rows[2], METRIC_CPU_OPERATION, DIFFERENCE_MORE, 0.13);
	scene.rows[2].differences[METRIC_CPU_OPERATION].doubtful = true;
	assert_said(&scene.summary, "");
}

static bool page_says(const struct figures *figures, const char *expected)
{
	char *page;
	size_t room;
	FILE *file = open_memstream(&page, &room);
	bool says;

	assert_int_equal(page_verdict(file, figures), 0);
	fclose(file);
	says = strstr(page, expected) != NULL;
	free(page);
	return says;
}

static void the_page_names_who_answers_cheapest(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	scene.answering[2] = (struct spread){ 8, 7.5, 8.5 };
	assert_true(page_says(&scene.figures,
			      "<b>Answers cheapest:</b> slab native, with 8.00 µs of the server's "
			      "CPU time an operation. Every repeat of the others is worse."));
	scene.answering[1] = (struct spread){ 8.4, 8.3, 8.6 };
	assert_true(page_says(&scene.figures, "an operation. As good, as far as the repeats tell: "
					      "jemalloc native."));
}

static void the_page_is_silent_where_nothing_is_established(void **state)
{
	static const char said[] = "Answers cheapest";
	struct scene scene;

	(void)state;
	set_up(&scene);
	assert_false(page_says(&scene.figures, said)); /* all are alike */
	scene.answering[2] = (struct spread){ 8, 7.5, 8.5 };
	assert_true(page_says(&scene.figures, said));
	scene.rows[0].intervals[METRIC_CPU_OPERATION].count = 7;
	assert_false(page_says(&scene.figures, said));
	set_up(&scene);
	scene.answering[2] = (struct spread){ 8, 7.5, 8.5 };
	scene.answering[0] = (struct spread){ NAN, NAN, NAN };
	scene.rows[0].intervals[METRIC_CPU_OPERATION].count = 0;
	assert_false(page_says(&scene.figures, said));
}

/* What giving back costs is apart in every repeat; CPU time, which decides, need not be. */
static void set_times(struct scene *scene)
{
	set_up(scene);
	scene->figures.tradeoff.price[PRICE_TIME] = scene->time;
	for (size_t i = 0; i < ROWS; i++)
		scene->time[i] = (struct spread){ 1 + 8 * (double)i, 0.5 + 8 * (double)i,
						  1.5 + 8 * (double)i };
}

static void the_page_calls_none_cheapest_that_is_not_told(void **state)
{
	static const char worse[] = "Every repeat of the others is worse.";
	struct scene scene;

	(void)state;
	set_times(&scene);
	set_difference(&scene.rows[1], METRIC_CPU, DIFFERENCE_MORE, 0.2);
	set_difference(&scene.rows[2], METRIC_CPU, DIFFERENCE_MORE, 0.4);
	assert_true(page_says(&scene.figures, "<b>Is cheapest:</b> glibc native, with 1.0 ms"));
	assert_true(page_says(&scene.figures, worse));
	set_difference(&scene.rows[1], METRIC_CPU, DIFFERENCE_NONE, 0.2);
	assert_true(page_says(&scene.figures, "<b>Is cheapest:</b> glibc native, with 1.0 ms"));
	assert_true(page_says(&scene.figures,
			      "As good, as far as the repeats tell: jemalloc native.</li>"));
	assert_false(page_says(&scene.figures, worse));
	set_difference(&scene.rows[2], METRIC_CPU, DIFFERENCE_NONE, 0.4);
	assert_true(page_says(&scene.figures, "<b>Is cheapest:</b> none is told apart; least: "
					      "glibc native, with 1.0 ms"));
	assert_false(page_says(&scene.figures, worse));
	set_difference(&scene.rows[2], METRIC_CPU, DIFFERENCE_LESS, -0.4);
	assert_true(page_says(&scene.figures,
			      "<b>Is cheapest:</b> not told, as slab native is found to cost less; "
			      "least: glibc native, with 1.0 ms"));
	assert_false(page_says(&scene.figures, worse));
}

/* The same control stands between them. */
static void the_page_calls_none_cheapest_through_a_control(void **state)
{
	struct scene scene;

	(void)state;
	set_times(&scene);
	scene.time[0].middle = 30;
	scene.time[0].low = 29;
	scene.time[0].high = 31;
	set_difference(&scene.rows[1], METRIC_CPU, DIFFERENCE_NONE, -0.01);
	set_difference(&scene.rows[2], METRIC_CPU, DIFFERENCE_NONE, -0.01);
	assert_true(page_says(&scene.figures, "none is told apart; least: jemalloc native"));
}

static void the_page_calls_none_worse_for_less_than_is_told(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	scene.answering[2] = (struct spread){ 9, 8.9, 9.1 };
	set_difference(&scene.rows[1], METRIC_CPU_OPERATION, DIFFERENCE_NONE, 0.001);
	set_difference(&scene.rows[2], METRIC_CPU_OPERATION, DIFFERENCE_NONE, -0.001);
	assert_false(page_says(&scene.figures, "Answers cheapest"));
	set_difference(&scene.rows[2], METRIC_CPU_OPERATION, DIFFERENCE_LESS, -0.1);
	assert_true(page_says(&scene.figures, "<b>Answers cheapest:</b> slab native"));
}

/* Drift moved both of a pair: the repeats overlap, the pairs are apart. */
static void the_page_calls_none_as_good_that_is_found_worse(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	scene.figures.tradeoff.waste = scene.time;
	scene.time[0] = (struct spread){ 5, 1, 9 };
	scene.time[1] = (struct spread){ 6, 2, 10 };
	scene.time[2] = (struct spread){ 20, 19, 21 };
	set_difference(&scene.rows[1], METRIC_WASTE, DIFFERENCE_MORE, 0.1);
	set_difference(&scene.rows[2], METRIC_WASTE, DIFFERENCE_MORE, 0.1);
	assert_true(page_says(&scene.figures, "<b>Keeps least:</b> glibc native"));
	assert_false(page_says(&scene.figures, "As good"));
	assert_false(page_says(&scene.figures, "Every repeat"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_established_is_told),
		cmocka_unit_test(what_is_alike_is_said_to_be),
		cmocka_unit_test(what_is_too_small_is_not_called_alike),
		cmocka_unit_test(a_few_are_named_and_the_rest_counted),
		cmocka_unit_test(without_traffic_repeats_or_trust_nothing_is_said),
		cmocka_unit_test(the_page_names_who_answers_cheapest),
		cmocka_unit_test(the_page_is_silent_where_nothing_is_established),
		cmocka_unit_test(the_page_calls_none_cheapest_that_is_not_told),
		cmocka_unit_test(the_page_calls_none_cheapest_through_a_control),
		cmocka_unit_test(the_page_calls_none_worse_for_less_than_is_told),
		cmocka_unit_test(the_page_calls_none_as_good_that_is_found_worse),
	};

	return unit_main(tests);
}
