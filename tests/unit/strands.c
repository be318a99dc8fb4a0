/* strands.c - which thread used the CPU when: bands that add up, whoever comes and goes. */
#include "analysis/strands.h"

#include <errno.h>

#include "tests/unit/measured.h"

#define S NS_PER_S

/* A run whose first burst begins at EPOCH + 2 s, as synthetic_schedule() says. */
static void begin(struct run *run)
{
	memset(run, 0, sizeof(*run));
	synthetic_schedule(&run->recording, EPOCH);
}

/* One whose CPU time is read each second, by what writes the rows of that second. */
static void begin_with(struct run *run, void (*write)(struct usage *usage, uint64_t second))
{
	begin(run);
	for (uint64_t second = 0; second <= 22; second++)
		write(&run->recording.usage, second);
}

static double sum_at(const struct strands *strands, double seconds)
{
	double sum = 0;
	size_t i = 0;

	while (i + 1 < strands->columns && strands->edges[i + 1] <= seconds)
		i++;
	for (size_t j = 0; j < strands->count; j++)
		sum += strands->list[j].busy[i];
	return sum;
}

static void bands_follow_time_and_thread(void **state)
{
	struct strands strands;
	struct run run;

	(void)state;
	begin(&run);
	synthetic_usage(&run.recording.usage, EPOCH);
	assert_int_equal(strands_build(&strands, &run, 0.05, 21), 0);
	assert_int_equal(strands.count, 2);
	assert_string_equal(strands.list[0].name, "worker");
	assert_string_equal(strands.list[1].name, "main");
	/* Half a CPU for 2 s, nothing for 2, two CPUs for 2, nothing. */
	assert_float_equal(sum_at(&strands, 0.1), 50, 0.5);
	assert_float_equal(strands.list[0].busy[0], 37.5, 0.5);
	assert_float_equal(sum_at(&strands, 3), 0, 0.01);
	assert_float_equal(sum_at(&strands, 5), 200, 1);
	assert_float_equal(sum_at(&strands, 15), 0, 0.01);
	assert_float_equal(strands.top, 200, 1);
	recording_free(&run.recording);
}

static void columns_are_even_by_their_logarithm_and_never_too_narrow(void **state)
{
	struct strands strands;
	struct run run;

	(void)state;
	begin(&run);
	synthetic_usage(&run.recording.usage, EPOCH);
	assert_int_equal(strands_build(&strands, &run, 0.05, 22), 0);
	assert_float_equal(strands.edges[0], 0.05, 1e-9);
	assert_float_equal(strands.edges[strands.columns], 22, 1e-9);
	for (size_t i = 0; i + 1 < strands.columns; i++)
		assert_true(strands.edges[i + 1] - strands.edges[i] > 0.0499);
	recording_free(&run.recording);
}

/* Ten threads of one name, of which one ends, its time then in the row of the rest. */
static void write_twins(struct usage *usage, uint64_t second)
{
	uint64_t time = EPOCH + second * S;
	bool ended = second > 10;

	synthetic_total(usage, time, second * S);
	for (uint64_t i = 0; i < 10; i++)
		if (i || !ended)
			synthetic_thread(usage, time, "twin", 100 + i, second * S / 10);
	synthetic_thread(usage, time, "-", RECORD_ABSENT, ended ? second * S / 10 : 0);
}

static void the_busiest_and_all_others(void **state)
{
	struct strands strands;
	struct run run;

	(void)state;
	begin_with(&run, write_twins);
	assert_int_equal(strands_build(&strands, &run, 0.05, 20), 0);
	assert_int_equal(strands.count, STRANDS_MOST);
	assert_string_equal(strands.list[STRANDS_MOST - 1].name, "all others");
	for (size_t i = 0; i + 1 < STRANDS_MOST; i++)
		assert_memory_equal(strands.list[i].name, "twin 10", 7);
	for (size_t i = 0; i < strands.columns; i++) {
		double sum = 0;

		for (size_t j = 0; j < strands.count; j++) {
			assert_true(strands.list[j].busy[i] >= 0);
			sum += strands.list[j].busy[i];
		}
		assert_float_equal(sum, 100, 0.1);
	}
	recording_free(&run.recording);
}

/* A thread that gets its row only when older ones have ended has not used all of it since. */
static void write_late(struct usage *usage, uint64_t second)
{
	uint64_t time = EPOCH + second * S, used = second * S;
	bool seen = second >= 10;

	synthetic_total(usage, time, used);
	if (seen)
		synthetic_thread(usage, time, "late", 7, used);
	synthetic_thread(usage, time, "-", RECORD_ABSENT, seen ? 0 : used);
	usage->threads[usage->thread_count - 1].threads = !seen;
}

static void who_had_no_row_is_among_the_others(void **state)
{
	struct strands strands;
	struct run run;

	(void)state;
	begin_with(&run, write_late);
	assert_int_equal(strands_build(&strands, &run, 0.05, 20), 0);
	assert_int_equal(strands.count, 2);
	assert_float_equal(strands.list[0].busy[0], 0, 0.01);
	assert_float_equal(strands.list[1].busy[0], 100, 0.1);
	assert_float_equal(strands.list[0].busy[strands.columns - 1], 100, 0.1);
	assert_float_equal(strands.top, 100, 0.1);
	recording_free(&run.recording);
}

static void what_was_not_recorded_is_unknown(void **state)
{
	struct strands strands;
	struct run run;

	(void)state;
	begin(&run);
	assert_int_equal(strands_build(&strands, &run, 0.05, 20), -ENODATA);
	synthetic_total(&run.recording.usage, EPOCH, 0);
	synthetic_total(&run.recording.usage, EPOCH + 12 * S, 12 * S);
	assert_int_equal(strands_build(&strands, &run, 0.05, 20), 0);
	/* Nobody knows of which thread, nor what came after. */
	assert_int_equal(strands.count, 1);
	assert_float_equal(sum_at(&strands, 5), 100, 0.1);
	assert_true(isnan(sum_at(&strands, 15)));
	recording_free(&run.recording);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bands_follow_time_and_thread),
		cmocka_unit_test(columns_are_even_by_their_logarithm_and_never_too_narrow),
		cmocka_unit_test(the_busiest_and_all_others),
		cmocka_unit_test(who_had_no_row_is_among_the_others),
		cmocka_unit_test(what_was_not_recorded_is_unknown),
	};

	return unit_main(tests);
}
