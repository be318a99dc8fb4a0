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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_established_is_told),
		cmocka_unit_test(what_is_alike_is_said_to_be),
		cmocka_unit_test(without_traffic_repeats_or_trust_nothing_is_said),
		cmocka_unit_test(the_page_names_who_answers_cheapest),
		cmocka_unit_test(the_page_is_silent_where_nothing_is_established),
	};

	return unit_main(tests);
}
