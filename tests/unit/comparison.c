/* comparison.c - which rows of two experiments are compared, and what forbids it. */
#include "analysis/comparison.h"

#include <errno.h>

#include "analysis/forms.h"
#include "tests/unit/measured.h"

#define RUNS 3

struct side {
	struct experiment experiment;
	struct run runs[RUNS];
	struct summary summary;
};

static char *const standard[FACTOR_COUNT] = { "glibc",	"native",    "",     "session",
					      "1%",	"scattered", "none", "on",
					      "single", "1",	     "idle" };

/* Runs of rows of their own: allocators are given, all else is standard. */
static void make_side(struct side *side, const char *const allocators[], size_t count,
		      const char *footprint, json_t *about)
{
	memset(side, 0, sizeof(*side));
	for (size_t i = 0; i < count; i++) {
		memcpy(side->runs[i].factors, standard, sizeof(standard));
		side->runs[i].factors[FACTOR_ALLOCATOR] = (char *)allocators[i];
		side->runs[i].factors[FACTOR_FOOTPRINT] = (char *)footprint;
		side->runs[i].metrics[METRIC_WASTE] = (struct measure){ MEASURE_VALUE, 5 };
		side->runs[i].metrics[METRIC_WINDOW] = (struct measure){ MEASURE_VALUE, 15e9 };
	}
	side->experiment = (struct experiment){
		.directory = "x", .about = about, .runs = side->runs, .count = count
	};
	assert_int_equal(summary_build(&side->summary, &side->experiment), 0);
}

static void free_side(struct side *side)
{
	summary_free(&side->summary);
	json_decref(side->experiment.about);
}

static void join(void *context, const char *text)
{
	strcat(strcat(context, text), "|");
}

static void join_circumstance(void *context, const char *what, const char *a, const char *b)
{
	sprintf((char *)context + strlen(context), "%s:%s>%s|", what, a, b);
}

static void rows_are_matched_by_their_factors(void **state)
{
	static const char *const old[] = { "glibc", "jemalloc" };
	static const char *const new[] = { "jemalloc@dev", "tcmalloc", "glibc" };
	struct comparison comparison;
	char why[COMPARISON_WHY];
	struct side a, b;

	(void)state;
	make_side(&a, old, 2, "session", json_object());
	make_side(&b, new, 3, "session", json_object());
	assert_int_equal(comparison_build(&comparison, &a.summary, &b.summary, NULL, why), 0);
	assert_int_equal(comparison.count, 1);
	assert_string_equal(comparison.rows[0].b->first->factors[0], "glibc");
	assert_false(comparison_holds(&comparison, &b.summary.rows[1]));
	comparison_free(&comparison);

	assert_int_equal(comparison_build(&comparison, &a.summary, &b.summary,
					  "x=y,jemalloc=jemalloc@dev", why),
			 0);
	assert_int_equal(comparison.count, 2);
	assert_string_equal(comparison.rows[1].b->first->factors[0], "jemalloc@dev");
	comparison_free(&comparison);

	assert_int_equal(
		comparison_build(&comparison, &a.summary, &b.summary, "glibc=tcmalloc", why), 0);
	assert_int_equal(comparison.count, 1);
	assert_string_equal(comparison.rows[0].b->first->factors[0], "tcmalloc");
	comparison_free(&comparison);
	free_side(&a);
	free_side(&b);
}

/* B's glibc is what A's tcmalloc has become, though A has a glibc too. */
static void a_name_that_is_given_is_nothing_else(void **state)
{
	static const char *const old[] = { "glibc", "tcmalloc" }, *const new[] = { "glibc" };
	struct comparison comparison;
	char why[COMPARISON_WHY];
	struct side a, b;

	(void)state;
	make_side(&a, old, 2, "session", json_object());
	make_side(&b, new, 1, "session", json_object());
	assert_int_equal(
		comparison_build(&comparison, &a.summary, &b.summary, "tcmalloc=glibc", why), 0);
	assert_int_equal(comparison.count, 1);
	assert_string_equal(comparison.rows[0].a->first->factors[0], "tcmalloc");
	comparison_free(&comparison);
	free_side(&a);
	free_side(&b);
}

static void nothing_in_common_is_said(void **state)
{
	static const char *const old[] = { "glibc" }, *const new[] = { "tcmalloc" };
	struct comparison comparison;
	char why[COMPARISON_WHY];
	struct side a, b;

	(void)state;
	make_side(&a, old, 1, "session", json_object());
	make_side(&b, new, 1, "session", json_object());
	assert_int_equal(comparison_build(&comparison, &a.summary, &b.summary, NULL, why),
			 -ENODATA);
	assert_non_null(strstr(why, "glibc native and tcmalloc native"));
	free_side(&a);
	free_side(&b);
}

static void another_load_is_an_obstacle(void **state)
{
	static const char *const names[] = { "glibc" };
	char text[1024] = "", why[COMPARISON_WHY];
	struct comparison comparison;
	struct side a, b;

	(void)state;
	make_side(&a, names, 1, "session", json_pack("{s:[s,s]}", "pulse", "--burst", "10"));
	make_side(&b, names, 1, "64", json_pack("{s:[s,s]}", "pulse", "--burst", "20"));
	b.runs[0].metrics[METRIC_WINDOW].value = 5e9;
	summary_free(&b.summary);
	assert_int_equal(summary_build(&b.summary, &b.experiment), 0);
	assert_int_equal(comparison_build(&comparison, &a.summary, &b.summary, NULL, why), 0);
	comparison_obstacles(&comparison, join, text);
	assert_string_equal(text, "footprint: session and 64|schedule: '--burst 10' and "
				  "'--burst 20'|window: 15 s and 5 s|");
	comparison_free(&comparison);
	free_side(&a);
	free_side(&b);
}

static void another_machine_is_a_circumstance(void **state)
{
	static const char *const names[] = { "glibc" };
	char text[1024] = "", why[COMPARISON_WHY];
	struct comparison comparison;
	struct side a, b;

	(void)state;
	make_side(&a, names, 1, "session",
		  json_pack("{s:{s:s, s:i, s:s, s:i}}", "environment", "kernel", "6.1", "cpus", 2,
			    "memory_available", "1 kB", "first_touch_before_ns", 1));
	make_side(&b, names, 1, "session",
		  json_pack("{s:{s:s, s:i, s:s, s:s}}", "environment", "kernel", "6.18", "cpus", 2,
			    "memory_available", "2 kB", "thp", "never"));
	assert_int_equal(comparison_build(&comparison, &a.summary, &b.summary, NULL, why), 0);
	comparison_obstacles(&comparison, join, text);
	assert_string_equal(text, "");
	comparison_circumstances(&comparison, join_circumstance, text);
	assert_string_equal(text, "kernel:6.1>6.18|thp:none>never|");
	comparison_free(&comparison);
	free_side(&a);
	free_side(&b);
}

static void another_allocator_is_a_circumstance(void **state)
{
	static const char *const names[] = { "preload:x" };
	char text[1024] = "", why[COMPARISON_WHY];
	struct comparison comparison;
	struct side a, b;

	(void)state;
	make_side(&a, names, 1, "session", json_object());
	make_side(&b, names, 1, "session", json_object());
	a.runs[0].about = json_pack("{s:{s:s}}", "server", "version", "1");
	b.runs[0].about = json_pack("{s:{s:s, s:{s:s}}}", "server", "version", "2", "environment",
				    "MALLOC_CONF", "narenas:1");
	assert_int_equal(comparison_build(&comparison, &a.summary, &b.summary, NULL, why), 0);
	comparison_circumstances(&comparison, join_circumstance, text);
	assert_string_equal(text, "preload:x:1>2|environment of preload:x:none>"
				  "{\"MALLOC_CONF\":\"narenas:1\"}|");
	json_decref(a.runs[0].about);
	json_decref(b.runs[0].about);
	comparison_free(&comparison);
	free_side(&a);
	free_side(&b);
}

static void assert_difference(enum metric metric, struct difference difference, const char *wanted)
{
	char text[FORM_DIFFERENCE];

	assert_string_equal(form_difference(text, form_of(metric), &difference), wanted);
}

static void differences_are_written_for_people(void **state)
{
	const double mib = 1048576;
	const struct range open = { -INFINITY, INFINITY };

	(void)state;
	assert_difference(METRIC_FLOOR, (struct difference){ DIFFERENCE_ABSENT }, "-");
	assert_difference(METRIC_FLOOR,
			  (struct difference){ .verdict = DIFFERENCE_LESS,
					       .median = { -2 * mib, -2 * mib },
					       .range = { -3 * mib, -1.5 * mib } },
			  "-2.0 (-3.0 to -1.5)");
	assert_difference(METRIC_FLOOR,
			  (struct difference){ .verdict = DIFFERENCE_TOO_FEW,
					       .median = { mib, mib },
					       .range = { 0, 2 * mib } },
			  "+1.0");
	assert_difference(METRIC_FLOOR,
			  (struct difference){ .verdict = DIFFERENCE_NONE, .median = { 1, 1 } },
			  "no difference");
	assert_difference(METRIC_FLOOR,
			  (struct difference){ .verdict = DIFFERENCE_UNKNOWN, .median = open },
			  "cannot tell");
	assert_difference(METRIC_T50,
			  (struct difference){ .verdict = DIFFERENCE_MORE,
					       .median = { 13e9, INFINITY },
					       .range = { 12e9, INFINITY } },
			  "> +13.00 s");
	assert_difference(METRIC_T50,
			  (struct difference){ .verdict = DIFFERENCE_TOO_FEW, .median = open },
			  "-");
}

static void spreads_are_written_for_people(void **state)
{
	const struct measure median = { MEASURE_VALUE, 10e9 };
	struct interval interval = { { 9e9, 12e9 }, 0.95, 8 };
	char text[FORM_TEXT];

	(void)state;
	assert_string_equal(form_spread(text, form_of(METRIC_T50), &median, &interval), "±2.00 s");
	interval.range.high = INFINITY;
	assert_string_equal(form_spread(text, form_of(METRIC_T50), &median, &interval), "");
	assert_string_equal(
		form_spread(text, form_of(METRIC_T50), &median, &(struct interval){ 0 }), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_matched_by_their_factors),
		cmocka_unit_test(a_name_that_is_given_is_nothing_else),
		cmocka_unit_test(nothing_in_common_is_said),
		cmocka_unit_test(another_load_is_an_obstacle),
		cmocka_unit_test(another_machine_is_a_circumstance),
		cmocka_unit_test(another_allocator_is_a_circumstance),
		cmocka_unit_test(differences_are_written_for_people),
		cmocka_unit_test(spreads_are_written_for_people),
	};

	return unit_main(tests);
}
