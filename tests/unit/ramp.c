/* ramp.c - the connections that were planned: from what pulse was told, not from how it went. */
#include "analysis/ramp.h"

#include "analysis/cpu_figure.h"
#include "tests/unit/measured.h"

#define S NS_PER_S

/* Words of a command of pulse, in one string; NULL: run.json does not have it. */
static json_t *about_with(const char *words)
{
	json_t *command = json_array(), *about = json_object();
	char *copy = strdup(words ? words : ""), *rest = copy;

	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		json_array_append_new(command, json_string(word));
	if (words)
		json_object_set_new(about, "pulse", json_pack("{s:O}", "command", command));
	json_decref(command);
	free(copy);
	return about;
}

/* 1001 connections that were there only 1900 ms after the start, and closed from 1950 ms on. */
static void want(struct phase *phase, uint64_t survivors)
{
	phase->wanted = phase->connected = 1001;
	phase->established = phase->start + 1900 * MS;
	phase->closing = phase->start + 1950 * MS;
	phase->survivors = survivors;
}

/* Bursts 0-2 s and 4-6 s after the first one's start, ten times slower than planned; a trickle. */
static void begin(struct run *run, const char *words, uint64_t survivors, uint64_t in_the_end)
{
	struct recording *recording = &run->recording;

	memset(run, 0, sizeof(*run));
	synthetic_run(recording, EPOCH, steps_down);
	want((struct phase *)recording_phase(recording, "burst", 0), survivors);
	want((struct phase *)recording_phase(recording, "burst", 1), in_the_end);
	recording->phases[recording->phase_count - 1].wanted = 100;
	recording->phases[recording->phase_count - 1].survivors = in_the_end;
	run->about = about_with(words);
	run->factors[FACTOR_ALLOCATOR] = "a";
}

static void end(struct run *run, struct ramp *ramp)
{
	ramp_free(ramp);
	json_decref(run->about);
	recording_free(&run->recording);
}

static void it_climbs_at_the_rate_however_late_they_came(void **state)
{
	struct ramp ramp;
	struct run run;

	(void)state;
	begin(&run, "pulse --rate 5000/s --linger 1s", 0, 0);
	assert_int_equal(ramp_build(&ramp, &run), 0);
	assert_true(ramp.climb_known && ramp.linger_known);
	assert_float_equal(ramp_at(&ramp, -1), 0, 0);
	assert_float_equal(ramp_at(&ramp, 0.1), 500.5, 0.01);
	assert_float_equal(ramp_at(&ramp, 0.21), 1001, 0);
	assert_float_equal(ramp_at(&ramp, 1.19), 1001, 0);
	assert_float_equal(ramp_at(&ramp, 1.21), 0, 0);
	assert_float_equal(ramp_at(&ramp, 4.1), 500.5, 0.01);
	assert_float_equal(ramp.top, 1001, 0);
	end(&run, &ramp);
}

static void without_a_rate_it_is_a_step(void **state)
{
	struct ramp ramp;
	struct run run;

	(void)state;
	begin(&run, "pulse --linger=1500ms", 0, 0);
	assert_int_equal(ramp_build(&ramp, &run), 0);
	assert_true(ramp.climb_known && ramp.linger_known);
	assert_float_equal(ramp_at(&ramp, 0), 1001, 0);
	assert_float_equal(ramp_at(&ramp, 1.49), 1001, 0);
	assert_float_equal(ramp_at(&ramp, 1.51), 0, 0);
	end(&run, &ramp);
}

static void the_last_word_prevails_and_the_original_one(void **state)
{
	struct ramp ramp;
	struct run run;

	(void)state;
	begin(&run, "pulse --linger 4s -rate 1/s --linger 1s --rate 0 -l 0", 0, 0);
	assert_int_equal(ramp_build(&ramp, &run), 0);
	assert_float_equal(ramp_at(&ramp, 0), 0, 0);
	assert_float_equal(ramp.top, 1001, 0);
	end(&run, &ramp);
}

/* A burst replaces the survivors of the one before, or adds to them; a trickle always adds. */
static void survivors_stay(void **state)
{
	struct ramp ramp;
	struct run run;

	(void)state;
	begin(&run, "pulse --linger 1s", 10, 10);
	assert_int_equal(ramp_build(&ramp, &run), 0);
	assert_float_equal(ramp_at(&ramp, 3), 10, 0);
	assert_float_equal(ramp_at(&ramp, 4.5), 1001, 0);
	assert_float_equal(ramp_at(&ramp, 21.5), 110, 0);
	end(&run, &ramp);
	begin(&run, "pulse --linger 1s --survivors-until end", 10, 20);
	assert_int_equal(ramp_build(&ramp, &run), 0);
	assert_float_equal(ramp_at(&ramp, 4.5), 1011, 0);
	assert_float_equal(ramp_at(&ramp, 21.5), 120, 0);
	assert_float_equal(ramp.top, 1011, 0);
	end(&run, &ramp);
}

static void what_was_not_told_is_as_it_went(void **state)
{
	static const char *const words[] = { NULL, "pulse --rate fast", "pulse --linger soon" };
	struct ramp ramp;
	struct run run;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		begin(&run, words[i], 0, 0);
		assert_int_equal(ramp_build(&ramp, &run), 0);
		assert_false(ramp.climb_known || ramp.linger_known);
		assert_float_equal(ramp_at(&ramp, 0.95), 500.5, 0.01);
		assert_float_equal(ramp_at(&ramp, 1.9), 1001, 0);
		assert_float_equal(ramp_at(&ramp, 1.975), 500.5, 0.01);
		end(&run, &ramp);
	}
	begin(&run, "pulse --rate 5000", 0, 0);
	assert_int_equal(ramp_build(&ramp, &run), 0);
	assert_true(ramp.climb_known && !ramp.linger_known);
	assert_float_equal(ramp_at(&ramp, 0.21), 1001, 0);
	assert_float_equal(ramp_at(&ramp, 1.975), 500.5, 0.01);
	end(&run, &ramp);
}

/* Draws the run alone. Returns the figure's script, to be freed. */
static char *draw(struct run *run, struct figure *figure)
{
	const struct run *runs[] = { run };
	struct panel panel = { .title = "release native", .runs = runs, .count = 1 };
	struct panels panels = { .list = &panel, .count = 1, .to = 21, .top = 100 };
	struct cpu_plots plots;
	char *script;
	size_t room;
	FILE *file = open_memstream(&script, &room);

	synthetic_usage(&run->recording.usage, EPOCH);
	assert_int_equal(cpu_plots_build(&plots, &panels), 0);
	assert_int_equal(cpu_figure_draw(file, figure, &plots, 0, &panels), 0);
	fclose(file);
	cpu_plots_free(&plots);
	return script;
}

/* What the reading at that moment says. */
static const char *note_at(const struct figure *figure, double seconds)
{
	const json_t *line = json_array_get(figure->readings, 0);
	const json_t *xs = json_object_get(line, "x");
	size_t i = 0;

	while (i + 1 < json_array_size(xs) &&
	       json_number_value(json_array_get(xs, i + 1)) <= seconds)
		i++;
	return json_string_value(json_array_get(json_object_get(line, "notes"), i));
}

static void the_figure_names_it(void **state)
{
	struct figure figure = { 0 };
	struct ramp none = { 0 };
	struct run run;
	char *script;

	(void)state;
	begin(&run, "pulse --rate 5000/s --linger 1s", 0, 0);
	script = draw(&run, &figure);
	assert_non_null(strstr(script, "title 'connections planned'"));
	/* The corners themselves, wherever the columns lie. */
	assert_non_null(strstr(script, "\n0.2 1001.0\n"));
	assert_non_null(strstr(script, "\n1.2 1001.0\n1.2 0.0\n"));
	assert_non_null(strstr(note_at(&figure, 0.5), " 1001 connections planned"));
	assert_non_null(strstr(note_at(&figure, 1.5), " 0 connections planned"));
	free(script);
	figure_free(&figure);
	end(&run, &none);
	figure = (struct figure){ 0 };
	begin(&run, NULL, 0, 0);
	script = draw(&run, &figure);
	assert_null(strstr(script, "planned"));
	assert_non_null(strstr(script, "title 'connections made'"));
	free(script);
	figure_free(&figure);
	end(&run, &none);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_climbs_at_the_rate_however_late_they_came),
		cmocka_unit_test(without_a_rate_it_is_a_step),
		cmocka_unit_test(the_last_word_prevails_and_the_original_one),
		cmocka_unit_test(survivors_stay),
		cmocka_unit_test(what_was_not_told_is_as_it_went),
		cmocka_unit_test(the_figure_names_it),
	};

	return unit_main(tests);
}
