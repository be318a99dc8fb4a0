/*
 * metrics_bounds.c - what must hold of any curve: many random ones, seeded, with gaps, censored,
 * and with clocks that start anywhere.
 */
#include "analysis/estimate.h"
#include <sys/param.h>

#include "tests/unit/measured.h"

#define CURVES 300

/* Small, and the same on every machine; quality does not matter here. */
static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static uint64_t below(uint64_t *seed, uint64_t bound)
{
	return next(seed) % bound;
}

/*
 * Held after the last close is a random walk from its peak; live below it; samples come 5 to 40 ms
 * apart and now and then a second is missing. All bytes are multiplied by scale.
 */
static void random_run(struct recording *recording, uint64_t seed, uint64_t epoch, uint64_t scale)
{
	uint64_t base = MIB * (1 + below(&seed, 20)), peak = base + MIB * (5 + below(&seed, 200));
	uint64_t held = peak, survivors = below(&seed, 4) * MIB, falls = 1 + below(&seed, 8);

	memset(recording, 0, sizeof(*recording));
	synthetic_schedule(recording, epoch);
	for (uint64_t ms = 0; ms <= 24000; ms += 5 + below(&seed, 35)) {
		bool in_burst = (ms >= 2000 && ms < 4000) || (ms >= 6000 && ms < 8000);
		uint64_t live = in_burst ? peak - base : ms < 2000 ? 0 : survivors;
		struct sample *sample;

		if (ms >= 2000)
			held = in_burst ? peak : held - below(&seed, 1 + held / 64) * falls / 8;
		if (ms >= 2000 && !below(&seed, 20))
			held = MIN(peak, held + below(&seed, 2 * MIB));
		sample = synthetic_sample(recording, epoch + ms * MS,
					  (ms < 2000 ? base : held) * scale, live * scale);
		sample->last_close = ms >= 8000 ? epoch + 8000 * MS : 0;
		if (!below(&seed, 200))
			ms += 1000;
	}
}

static void measure_random(uint64_t seed, uint64_t epoch, uint64_t scale,
			   struct measure metrics[METRIC_COUNT])
{
	struct recording recording;

	random_run(&recording, seed, epoch, scale);
	compute(&recording, metrics);
}

static double at(const struct measure *metrics, enum metric metric)
{
	return metrics[metric].value;
}

static void assert_bounds(const struct measure *m)
{
	struct range half = estimate_range(METRIC_T50, &m[METRIC_T50]);
	struct range most = estimate_range(METRIC_T90, &m[METRIC_T90]);
	struct range all = estimate_range(METRIC_T99, &m[METRIC_T99]);

	for (int i = 0; i < METRIC_COUNT; i++)
		assert_true(isfinite(m[i].value) &&
			    (m[i].state != MEASURE_ABSENT || m[i].value == 0));
	assert_int_equal(m[METRIC_FLOOR].state, MEASURE_VALUE);
	assert_int_equal(m[METRIC_WASTE].state, MEASURE_VALUE);
	assert_true(at(m, METRIC_FLOOR) >= 0 && at(m, METRIC_FLOOR) <= at(m, METRIC_PEAK));
	assert_true(at(m, METRIC_BASE) > 0 && at(m, METRIC_LIVE) >= 0);
	assert_true(at(m, METRIC_WASTE) >= 0);
	assert_true(at(m, METRIC_WASTE) <=
		    at(m, METRIC_PEAK) * at(m, METRIC_WINDOW) / 1e9 * (1 + 1e-12));
	assert_true(half.low >= 0 && half.low <= most.low && most.low <= all.low);
	assert_true(half.high <= most.high && most.high <= all.high);
	assert_true(all.low <= at(m, METRIC_WINDOW));
	for (int i = METRIC_RETENTION_1; i <= METRIC_RETENTION_15; i++)
		assert_true(m[i].value <= 1 + 1e-12);
	/* What was gone at half time stays consistent with what is retained then. */
	if (m[METRIC_T50].state == MEASURE_CENSORED)
		assert_true(at(m, METRIC_RETENTION_5) > 0.5);
}

static void any_curve_keeps_the_bounds(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= CURVES; seed++) {
		struct measure m[METRIC_COUNT];

		measure_random(seed, EPOCH, 1, m);
		assert_bounds(m);
	}
}

static void the_clock_may_start_anywhere(void **state)
{
	static const uint64_t epochs[] = { 1, NS_PER_S, 1ull << 53, (1ull << 63) + 12345 };

	(void)state;
	for (uint64_t seed = 1; seed <= CURVES / 10; seed++) {
		struct measure here[METRIC_COUNT], there[METRIC_COUNT];

		measure_random(seed, EPOCH, 1, here);
		for (size_t i = 0; i < sizeof(epochs) / sizeof(epochs[0]); i++) {
			measure_random(seed, epochs[i], 1, there);
			for (int j = 0; j < METRIC_COUNT; j++)
				assert_true(here[j].state == there[j].state &&
					    here[j].value == there[j].value);
		}
	}
}

/* Sixteen times as many bytes: bytes grow so, shares and times stay. */
static void the_unit_of_memory_does_not_matter(void **state)
{
	static const enum metric bytes[] = { METRIC_BASE, METRIC_PEAK,	METRIC_FLOOR,
					     METRIC_LIVE, METRIC_WASTE, METRIC_RATCHET };
	static const enum metric others[] = { METRIC_FLOOR_LIVE,  METRIC_RETENTION_1,
					      METRIC_RETENTION_5, METRIC_RETENTION_15,
					      METRIC_T50,	  METRIC_T90,
					      METRIC_T99,	  METRIC_WINDOW };

	(void)state;
	for (uint64_t seed = 1; seed <= CURVES; seed++) {
		struct measure small[METRIC_COUNT], large[METRIC_COUNT];

		measure_random(seed, EPOCH, 1, small);
		measure_random(seed, EPOCH, 16, large);
		for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++)
			assert_true(at(large, bytes[i]) == 16 * at(small, bytes[i]));
		for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
			assert_true(at(large, others[i]) == at(small, others[i]) &&
				    large[others[i]].state == small[others[i]].state);
	}
}

/* A foreign server: what is made of live is absent; what is not, is as it was. */
static void without_live_nothing_is_guessed(void **state)
{
	static const enum metric unknown[] = { METRIC_LIVE,	    METRIC_FLOOR_LIVE,
					       METRIC_RETENTION_1,  METRIC_RETENTION_5,
					       METRIC_RETENTION_15, METRIC_T50,
					       METRIC_T90,	    METRIC_T99,
					       METRIC_WASTE,	    METRIC_RATCHET };

	(void)state;
	for (uint64_t seed = 1; seed <= CURVES / 10; seed++) {
		struct measure known[METRIC_COUNT], foreign[METRIC_COUNT];
		struct recording recording;

		measure_random(seed, EPOCH, 1, known);
		random_run(&recording, seed, EPOCH, 1);
		for (size_t i = 0; i < recording.sample_count; i++)
			recording.samples[i].live_bytes = RECORD_ABSENT;
		compute(&recording, foreign);
		for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
			assert_int_equal(foreign[unknown[i]].state, MEASURE_ABSENT);
		assert_value(&foreign[METRIC_FLOOR], at(known, METRIC_FLOOR), 0);
		assert_value(&foreign[METRIC_PEAK], at(known, METRIC_PEAK), 0);
		assert_value(&foreign[METRIC_BASE], at(known, METRIC_BASE), 0);
	}
}

/* CPU time from before the first burst to the last rollup inside the window. */
static void cpu_time_is_that_of_bursts_and_window(void **state)
{
	static const uint64_t rollups[][2] = { { 1000, 10 },  { 1900, 30 },   { 7000, 200 },
					       { 9000, 300 }, { 22500, 450 }, { 23500, 999 } };
	struct measure m[METRIC_COUNT];
	struct recording recording;

	(void)state;
	random_run(&recording, 1, EPOCH, 1);
	for (size_t i = 0; i < sizeof(rollups) / sizeof(rollups[0]); i++) {
		struct rollup *rollup = synthetic_rollup(&recording, EPOCH + rollups[i][0] * MS);

		rollup->cpu_user = rollups[i][1] * MS;
		rollup->cpu_system = 1;
	}
	compute(&recording, m);
	assert_value(&m[METRIC_CPU], 420.0 * MS, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_curve_keeps_the_bounds),
		cmocka_unit_test(the_clock_may_start_anywhere),
		cmocka_unit_test(the_unit_of_memory_does_not_matter),
		cmocka_unit_test(without_live_nothing_is_guessed),
		cmocka_unit_test(cpu_time_is_that_of_bursts_and_window),
	};

	return unit_main(tests);
}
