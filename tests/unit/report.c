/* report.c - the parts that report.html is made of: escaping, thinning, panels, inlined figures. */
#include "analysis/report.h"

#include <errno.h>

#include "analysis/figure.h"
#include "analysis/held.h"
#include "analysis/html.h"
#include "analysis/page.h"
#include "analysis/panels.h"
#include "analysis/svg.h"
#include "analysis/thin.h"
#include "tests/unit/measured.h"

static char *escaped(const char *text)
{
	char *page;
	size_t room;
	FILE *file = open_memstream(&page, &room);

	html_text(file, text);
	fclose(file);
	return page;
}

static void text_is_escaped(void **state)
{
	char *page = escaped("<b a=\"1\" c='2'>&amp;\x01\x7f\xc3\xa9");

	(void)state;
	assert_string_equal(page, "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;  \xc3\xa9");
	free(page);
}

static void a_command_can_be_pasted(void **state)
{
	json_t *words = json_pack("[s, s, s, s]", "--label", "it's", "", "a b");
	char *page;
	size_t room;
	FILE *file = open_memstream(&page, &room);

	(void)state;
	html_command(file, words);
	fclose(file);
	assert_string_equal(page,
			    "<span>--label</span> <span>&#39;it&#39;\\&#39;&#39;s&#39;</span> "
			    "<span>&#39;&#39;</span> <span>&#39;a b&#39;</span>");
	free(page);
	json_decref(words);
}

static void unknown_keys_are_a_flat_list(void **state)
{
	static const char *const but[] = { "secret", NULL };
	json_t *object = json_pack("{s:n, s:{s:[i,i]}, s:s, s:b}", "none", "inner", "list", 1, 2,
				   "secret", "x", "yes<", 1);
	char *page;
	size_t room;
	FILE *file = open_memstream(&page, &room);

	(void)state;
	html_pairs(file, object, but);
	fclose(file);
	assert_non_null(strstr(page, "<dt>none</dt><dd>-</dd>"));
	assert_non_null(strstr(page, "<dt>list</dt><dd><span>1</span> <span>2</span></dd>"));
	assert_non_null(strstr(page, "<dt>yes&lt;</dt><dd>yes</dd>"));
	assert_null(strstr(page, "secret"));
	free(page);
	json_decref(object);
}

/* 10,000 dots, of which one is a peak and one a dip. */
static void thinning_loses_no_peak(void **state)
{
	struct dot *dots = calloc(10000, sizeof(*dots));
	bool peak = false, dip = false;
	size_t count;

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		dots[i] = (struct dot){ i * 10, 50 + (double)(i % 7) };
	dots[5003].value = 1000;
	dots[7777].value = 1;
	count = thin(dots, 10000, 0, 100000, 100);
	assert_true(count <= 4 * 100 + 1);
	assert_true(count > 100);
	for (size_t i = 0; i < count; i++) {
		peak |= dots[i].time == 50030 && dots[i].value == 1000;
		dip |= dots[i].time == 77770 && dots[i].value == 1;
		assert_true(i == 0 || dots[i - 1].time < dots[i].time);
	}
	assert_true(peak);
	assert_true(dip);
	assert_int_equal(dots[count - 1].time, 99990);
	free(dots);
}

static void a_flat_line_is_two_dots(void **state)
{
	struct dot dots[100];

	(void)state;
	for (size_t i = 0; i < 100; i++)
		dots[i] = (struct dot){ i, 7 };
	assert_int_equal(thin(dots, 100, 0, 100, 10), 2);
	assert_int_equal(dots[0].time, 0);
	assert_int_equal(dots[1].time, 99);
	assert_int_equal(thin(dots, 0, 0, 100, 10), 0);
	assert_int_equal(thin(dots, 1, 5, 5, 10), 1);
}

static void add_run(const char *directory, const char *name, const char *allocator,
		    const char *release, uint64_t epoch)
{
	struct recording recording;

	synthetic_run(&recording, epoch, steps_down);
	synthetic_folder(directory, name, allocator, release, &recording);
	recording_free(&recording);
}

static void panels_share_their_axes(void **state)
{
	struct experiment *experiment;
	struct summary summary;
	struct panels panels;
	char why[LOAD_WHY];

	add_run(*state, "001-b-quiet=1s", "b", "quiet=1s", EPOCH);
	add_run(*state, "002-a-native-r1", "a", "native", 0);
	add_run(*state, "003-a-native-r2", "a", "native", EPOCH);
	add_run(*state, "004-b-native", "b", "native", EPOCH);
	assert_int_equal(experiment_load(&experiment, *state, why), 0);
	assert_int_equal(summary_build(&summary, experiment), 0);
	assert_int_equal(panels_build(&panels, &summary, NULL), 0);
	assert_int_equal(panels.count, 2);
	assert_string_equal(panels.list[0].name, "1-native");
	assert_string_equal(panels.list[1].name, "2-quiet-1s");
	assert_string_equal(panels.list[1].title, "release quiet=1s");
	assert_int_equal(panels.list[0].count, 2);
	assert_string_equal(panels.list[0].runs[0]->name, "002-a-native-r1");
	/* b has the same colour in both. */
	assert_int_equal(panels_colour(&panels, panels.list[0].runs[1]), 1);
	assert_int_equal(panels_colour(&panels, panels.list[1].runs[0]), 1);
	assert_true(fabs(panels.from - -2) < 1e-9);
	assert_true(fabs(panels.to - 22) < 1e-9);
	assert_true(fabs(panels.top - 110) < 1e-9);
	panels_free(&panels);
	summary_free(&summary);
	experiment_free(experiment);
}

static double keeps(double seconds)
{
	(void)seconds;
	return 110;
}

/* Enough of them for a verdict. */
static void add_repeats(const char *directory, const char *allocator, double (*after)(double),
			bool knows_live)
{
	for (int i = 1; i <= 8; i++) {
		struct recording recording;
		char name[64];

		snprintf(name, sizeof(name), "%d-%s", i, allocator);
		synthetic_run(&recording, EPOCH, after);
		for (size_t j = 0; !knows_live && j < recording.sample_count; j++)
			recording.samples[j].live_bytes = RECORD_ABSENT;
		synthetic_folder(directory, name, allocator, "native", &recording);
		recording_free(&recording);
	}
}

static char *verdict_of(const char *directory)
{
	struct experiment *experiment;
	struct summary summary;
	struct figures figures;
	char why[LOAD_WHY], *page;
	size_t room;
	FILE *file = open_memstream(&page, &room);

	assert_int_equal(experiment_load(&experiment, directory, why), 0);
	assert_int_equal(summary_build(&summary, experiment), 0);
	assert_int_equal(figures_build(&figures, &summary), 0);
	assert_int_equal(page_verdict(file, &figures), 0);
	fclose(file);
	figures_free(&figures);
	summary_free(&summary);
	experiment_free(experiment);
	return page;
}

static void others_are_worse_only_where_they_are_known(void **state)
{
	static const char worse[] = "Every repeat of the others is worse.";
	char *page;

	add_repeats(*state, "glibc", steps_down, true);
	page = verdict_of(*state);
	assert_non_null(strstr(page, "<b>Keeps least:</b> glibc native"));
	assert_null(strstr(page, worse));
	free(page);

	add_repeats(*state, "tcmalloc", keeps, true);
	page = verdict_of(*state);
	assert_non_null(strstr(page, worse));
	free(page);

	add_repeats(*state, "whose", keeps, false);
	page = verdict_of(*state);
	assert_non_null(strstr(page, "<b>Keeps least:</b> glibc native"));
	assert_null(strstr(page, worse));
	free(page);
}

static char *inlined(const char *directory, const char *svg, int expected)
{
	char path[256], *page;
	size_t room;
	FILE *file;

	snprintf(path, sizeof(path), "%s/x.svg", directory);
	file = fopen(path, "w");
	fputs(svg, file);
	fclose(file);
	file = open_memstream(&page, &room);
	assert_int_equal(svg_inline(file, path, 3), expected);
	fclose(file);
	return page;
}

static void figures_take_the_colour_of_the_text(void **state)
{
	char *page = inlined(*state,
			     "<?xml version=\"1.0\"?>\n<svg><g id=\"a\" fill=\"black\" "
			     "stroke='black'/><path id='b'/><use xlink:href='#b' "
			     "color='rgb(  0,   0,   0)'/></svg>",
			     0);

	assert_string_equal(page, "<svg><g id=\"f3-a\" fill=\"currentColor\" "
				  "stroke='currentColor'/><path id='f3-b'/><use href='#f3-b' "
				  "color='currentColor'/></svg>");
	free(page);
	page = inlined(*state, "no picture", -EBADMSG);
	free(page);
	page = inlined(*state, "", -EBADMSG);
	free(page);
}

static void names_cannot_break_the_script(void **state)
{
	struct experiment *experiment;
	struct summary summary;
	struct panels panels;
	struct figure figure = { 0 };
	char why[LOAD_WHY], *script;
	size_t room;
	FILE *file = open_memstream(&script, &room);

	add_run(*state, "001-x", "it's quit", "native", EPOCH);
	assert_int_equal(experiment_load(&experiment, *state, why), 0);
	assert_int_equal(summary_build(&summary, experiment), 0);
	assert_int_equal(panels_build(&panels, &summary, NULL), 0);
	assert_int_equal(held_draw(file, &figure, &panels, &panels.list[0]), 0);
	fclose(file);
	assert_non_null(strstr(script, "'it''s quit'"));
	assert_non_null(strstr(script, "'release native'"));
	assert_non_null(strstr(script, "'burst 1'"));
	free(script);
	figure_free(&figure);
	panels_free(&panels);
	summary_free(&summary);
	experiment_free(experiment);
}

#define fresh(test) cmocka_unit_test_setup_teardown(test, synthetic_make, synthetic_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(a_command_can_be_pasted),
		cmocka_unit_test(unknown_keys_are_a_flat_list),
		cmocka_unit_test(thinning_loses_no_peak),
		cmocka_unit_test(a_flat_line_is_two_dots),
		fresh(panels_share_their_axes),
		fresh(others_are_worse_only_where_they_are_known),
		fresh(figures_take_the_colour_of_the_text),
		fresh(names_cannot_break_the_script),
	};

	return unit_main(tests);
}
