/* pulse_options.c - the command line of pulse, and that of the original program. */
#include "pulse/options.h"

#include <errno.h>
#include <string.h>

#include "server/base/units.h"
#include "tests/unit/unit.h"

static char why[OPTIONS_WHY];

/* Splits the line at its blanks. */
static int parse(struct pulse_options *options, const char *line)
{
	static char words[512];
	char *argv[32] = { "pulse" };
	int argc = 1;

	strcpy(words, line);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	why[0] = '\0';
	return pulse_options_parse(options, argc, argv, why);
}

static void assert_same_schedule(const struct schedule *a, const struct schedule *b)
{
	struct step one, other;

	for (uint64_t i = 0; i < 40; i++) {
		bool more = schedule_step(a, i, &one);

		assert_int_equal(more, schedule_step(b, i, &other));
		if (!more)
			return;
		assert_string_equal(one.name, other.name);
		assert_int_equal(one.number, other.number);
		assert_int_equal(one.connections, other.connections);
		assert_int_equal(one.time, other.time);
		assert_int_equal(one.survivors, other.survivors);
		assert_int_equal(one.replaces, other.replaces);
	}
}

static void defaults(void **state)
{
	struct pulse_options plain, spelled;
	char text[ADDRESS_TEXT];

	(void)state;
	assert_int_equal(parse(&plain, ""), 0);
	assert_int_equal(parse(&spelled, "--burst 10000 --bursts 3 --burst-gap 30s --trickle 1000 "
					 "--trickles 0 --trickle-gap 20s --linger 4s --window 60s "
					 "--survivors 0 --warmup 0 --rest 0"),
			 0);
	assert_same_schedule(&plain.schedule, &spelled.schedule);
	assert_string_equal(address_format(text, sizeof(text), &plain.connect), "127.0.0.1:3033");
	assert_int_equal(plain.rate, 0);
	assert_int_equal(plain.survivor_order, SURVIVORS_SCATTERED);
	assert_false(plain.schedule.survivors_to_end);
	assert_int_equal(plain.ready_fd, -1);
	assert_null(plain.record);
}

static void original_line_is_the_long_one(void **state)
{
	struct pulse_options original, spelled;

	(void)state;
	assert_int_equal(parse(&original, "-big=50 -i=2 -bs=7 -small=5 -ss=3 -l=1"), 0);
	assert_int_equal(parse(&spelled, "--burst 50 --bursts 2 --burst-gap 7s --window 7s "
					 "--trickle 5 --trickle-gap 3s --linger 1s"),
			 0);
	assert_same_schedule(&original.schedule, &spelled.schedule);
	assert_int_equal(parse(&original, "-big 50 -i 2 -bs 7 -small 5 -ss 3 -l 1"), 0);
	assert_same_schedule(&original.schedule, &spelled.schedule);
}

static void original_has_the_same_defaults(void **state)
{
	struct pulse_options original, spelled;

	(void)state;
	assert_int_equal(parse(&original, "-big=10000 -bs=30"), 0);
	assert_int_equal(parse(&spelled, "--window 30s"), 0);
	assert_same_schedule(&original.schedule, &spelled.schedule);
}

static void window_may_join_original_options(void **state)
{
	struct pulse_options options;

	(void)state;
	assert_int_equal(parse(&options, "-bs=7 --window 9s"), 0);
	assert_int_equal(options.schedule.window, 9 * NS_PER_S);
	assert_int_equal(options.schedule.burst_gap, 7 * NS_PER_S);
}

static void warmup_brings_a_rest(void **state)
{
	struct pulse_options options;

	(void)state;
	assert_int_equal(parse(&options, "--warmup 10"), 0);
	assert_int_equal(options.schedule.rest, 1500 * NS_PER_MS);
	assert_int_equal(parse(&options, "--warmup 10 --rest 0"), 0);
	assert_int_equal(options.schedule.rest, 0);
	assert_int_equal(parse(&options, "--rest 2s"), 0);
	assert_int_equal(options.schedule.rest, 2 * NS_PER_S);
}

static void words_and_shares(void **state)
{
	struct pulse_options options;

	(void)state;
	assert_int_equal(parse(&options, "--survivors 1% --survivor-order newest "
					 "--survivors-until end --seed 9 --rate 5000/s"),
			 0);
	assert_true(options.schedule.survivors == 0.01);
	assert_int_equal(options.survivor_order, SURVIVORS_NEWEST);
	assert_true(options.schedule.survivors_to_end);
	assert_int_equal(options.seed, 9);
	assert_int_equal(options.rate, 5000);
}

static void rates(void **state)
{
	static const char *const wrong[] = {
		"", "/s", "5000/m", "5000/", "-1", "1.5", "5k", "5 /s"
	};
	uint64_t rate = 1;

	(void)state;
	assert_int_equal(pulse_parse_rate("5000", &rate), 0);
	assert_int_equal(rate, 5000);
	assert_int_equal(pulse_parse_rate("250/s", &rate), 0);
	assert_int_equal(rate, 250);
	assert_int_equal(pulse_parse_rate("0", &rate), 0);
	assert_int_equal(rate, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(pulse_parse_rate(wrong[i], &rate), -EINVAL);
	assert_int_equal(pulse_parse_rate("99999999999999999999/s", &rate), -ERANGE);
	assert_int_equal(rate, 0);
}

static void the_fastest_plan(void **state)
{
	struct pulse_options options;

	(void)state;
	assert_int_equal(parse(&options, "--protocol echo --ops 100000000/s"), 0);
	assert_int_equal(options.speech.ops, 100000000);
}

/* With one line that names what is wrong. */
static void assert_refused(const char *line, const char *named)
{
	struct pulse_options options;

	assert_int_equal(parse(&options, line), -EINVAL);
	assert_non_null(strstr(why, named));
	assert_null(strchr(why, '\n'));
}

static void bad_lines_name_the_option(void **state)
{
	static const struct {
		const char *line;
		const char *named;
	} bad[] = {
		{ "--burts 3", "--burst" },
		{ "--burst ten", "--burst" },
		{ "--burst 0", "--burst 0" },
		{ "--burst 5000000000", "--burst: '5000000000' is out of range; give a whole "
					"number up to 4294967295" },
		{ "--loops 257", "out of range; give a number from 1 to 256" },
		{ "--ops 0", "out of range; give a number a second from 1 to 100000000 " },
		{ "--protocol echo --ops 100000001/s",
		  "--ops: '100000001/s' is out of range; give a number a second from 1 to" },
		{ "--window 2562048h", "out of range; give a time with its unit, up to 2562047h" },
		{ "--memory-floor 8388608T", "out of range; give a size below 8388608T" },
		{ "--active 101%", "out of range; give a number of connections or a share up to" },
		{ "--timeout 0", "out of range; give a time with its unit, not 0" },
		{ "--bursts 0 --trickle 0", "nothing to do" },
		{ "--linger 4", "--linger" },
		{ "-l=4s", "--l" },
		{ "--survivors 1", "--survivors" },
		{ "--survivors 101%", "out of range; give a share from 0 to 100%" },
		{ "--survivor-order random", "scattered, oldest or newest" },
		{ "--survivors-until never", "next or end" },
		{ "--rate fast", "--rate" },
		{ "--connect localhost:3033", "--connect" },
		{ "--connect 127.0.0.1:0", "--connect" },
		{ "--ready-fd 4242", "--ready-fd" },
		{ "--seed", "--seed" },
		{ "3033", "3033" },
		{ "--burst 5 3033", "3033" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(bad[i].line, bad[i].named);
}

static void merge_takes_nothing_else(void **state)
{
	static const struct {
		const char *line;
		const char *named;
	} bad[] = {
		{ "--merge", "--merge wants the files" },
		{ "--merge --traffic F a.json", "--traffic: not with --merge" },
		{ "--latency-file --json --record=G --merge a.json", "--record: not with --merge" },
		{ "--dry-run --merge a.json", "--dry-run: not with --merge" },
		{ "--seed 1 --merge a.json", "--seed: not with --merge" },
		{ "-big 3 --merge a.json", "--big: not with --merge" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(bad[i].line, bad[i].named);
}

static void merge_takes_files(void **state)
{
	struct pulse_options options;

	(void)state;
	assert_int_equal(parse(&options, "--json --latency-file=F --merge a.json b.json"), 0);
	assert_true(options.merge && options.json);
	assert_string_equal(options.latency_file, "F");
	assert_string_equal(options.files[0], "a.json");
	assert_string_equal(options.files[1], "b.json");
	assert_null(options.files[2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(original_line_is_the_long_one),
		cmocka_unit_test(original_has_the_same_defaults),
		cmocka_unit_test(window_may_join_original_options),
		cmocka_unit_test(warmup_brings_a_rest),
		cmocka_unit_test(words_and_shares),
		cmocka_unit_test(rates),
		cmocka_unit_test(the_fastest_plan),
		cmocka_unit_test(bad_lines_name_the_option),
		cmocka_unit_test(merge_takes_nothing_else),
		cmocka_unit_test(merge_takes_files),
	};

	return unit_main(tests);
}
