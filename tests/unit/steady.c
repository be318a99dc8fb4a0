/* steady.c - when connections were open and idle, and which bill is the bill therefore. */
#include "analysis/steady.h"

#include "analysis/bill.h"
#include "tests/unit/measured.h"

#define AT(ms) (EPOCH + (ms)*MS)

/*
 * 100 connections a burst, of which 2 survive: open from 100 ms after its start, closed from 200 ms
 * before its end; the server sees the last one closed 50 ms later than pulse.
 */
static void begin(struct recording *recording)
{
	synthetic_run(recording, EPOCH, steps_down);
	for (int i = 1; i <= 3; i += 2) {
		struct phase *phase = &recording->phases[i];

		phase->wanted = phase->connected = 100;
		phase->survivors = 2;
		phase->established = phase->start + 100 * MS;
		phase->closing = phase->end - 200 * MS;
	}
	for (size_t i = 0; i < recording->sample_count; i++) {
		uint64_t ms = (recording->samples[i].time - EPOCH) / MS;

		recording->samples[i].opened = ms < 2100 ? 0 : ms < 6100 ? 100 : 198;
		recording->samples[i].closed = ms < 4050 ? 0 : ms < 8050 ? 98 : 196;
	}
}

static void open_and_idle_is_between_opening_and_closing(void **state)
{
	struct recording recording;

	(void)state;
	begin(&recording);
	assert_true(steady_between(&recording, AT(3000), AT(3500), 100));
	assert_false(steady_between(&recording, AT(2050), AT(2060), 0));
	assert_false(steady_between(&recording, AT(3790), AT(3900), 100));
	assert_false(steady_between(&recording, AT(3900), AT(3910), 100));
	/* Pulse has closed them, the server not yet. */
	assert_false(steady_between(&recording, AT(4010), AT(4020), 100));
	assert_false(steady_between(&recording, AT(4040), AT(4060), 2));
	assert_true(steady_between(&recording, AT(4100), AT(5000), 2));
	/* From one burst into the next. */
	assert_false(steady_between(&recording, AT(5500), AT(6500), 2));
	recording_free(&recording);
}

static void all_that_are_open_must_have_been_walked(void **state)
{
	struct recording recording;

	(void)state;
	begin(&recording);
	assert_false(steady_between(&recording, AT(3000), AT(3500), 99));
	assert_false(steady_between(&recording, AT(3000), AT(3500), 101));
	assert_false(steady_between(&recording, AT(4100), AT(5000), 3));
	recording_free(&recording);
}

static void one_that_talks_is_not_idle(void **state)
{
	struct recording recording;

	(void)state;
	begin(&recording);
	synthetic_traffic(&recording.operations, &recording.phases[3], 10, 1, 2);
	assert_true(steady_between(&recording, AT(3000), AT(3500), 100));
	assert_false(steady_between(&recording, AT(7000), AT(7500), 100));
	assert_true(steady_between(&recording, AT(9000), AT(9500), 2));
	recording_free(&recording);
}

/* A server that is not ours has no status page. */
static void phases_alone_tell_as_well(void **state)
{
	struct recording recording;

	(void)state;
	begin(&recording);
	for (size_t i = 0; i < recording.sample_count; i++)
		recording.samples[i].opened = recording.samples[i].closed = RECORD_ABSENT;
	assert_true(steady_between(&recording, AT(3000), AT(3500), 100));
	assert_false(steady_between(&recording, AT(3900), AT(3910), 100));
	/* It has not closed what pulse has. */
	assert_false(steady_between(&recording, AT(4010), AT(4020), 100));
	assert_true(steady_between(&recording, AT(4010), AT(4020), 2));
	/* Where pulse never had all of them, it may have been opening all along. */
	recording.phases[1].established = RECORD_ABSENT;
	assert_false(steady_between(&recording, AT(3000), AT(3500), 100));
	recording_free(&recording);
}

static void add_bill(struct recording *recording, uint64_t ms, uint64_t connections, uint64_t bytes)
{
	synthetic_bill(&recording->evidence, "server", "sock", AT(ms), connections, 2520);
	synthetic_bill(&recording->evidence, "server", "receive_queue", AT(ms), connections,
		       bytes - 2520);
	synthetic_bill(&recording->evidence, "server", "connection", AT(ms), connections, bytes);
}

static void the_bill_is_of_open_and_idle_ones(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct bill bill;

	(void)state;
	begin(&recording);
	synthetic_programs(&recording.evidence);
	add_bill(&recording, 3000, 100, 4036);
	add_bill(&recording, 5000, 2, 4037);
	/* The latest, and the most: but they are being closed. */
	add_bill(&recording, 7900, 100, 4868);
	assert_true(bill_find(&bill, &recording));
	assert_int_equal(bill.time, AT(3000));
	assert_int_equal(bill.connections, 100);
	assert_true(fabs(bill.items[BILL_QUEUES] - (4036 - 2520)) < 1e-9);
	compute(&recording, metrics);
	assert_value(&metrics[METRIC_KERNEL], 4036, 0);
}

/* A walk takes its time; only when it ends in time, it has seen one state. */
static void a_walk_that_ends_too_late_does_not_count(void **state)
{
	struct recording recording;
	struct bill bill;

	(void)state;
	begin(&recording);
	add_bill(&recording, 3000, 100, 4036);
	recording.evidence.bill[2].cost = 900 * MS;
	assert_true(bill_find(&bill, &recording) == false);
	recording.evidence.bill[2].cost = 700 * MS;
	assert_true(bill_find(&bill, &recording));
	recording_free(&recording);
}

static void without_such_a_walk_it_is_unknown(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;

	(void)state;
	begin(&recording);
	synthetic_programs(&recording.evidence);
	add_bill(&recording, 1000, 0, 2520);
	add_bill(&recording, 7900, 100, 4868);
	compute(&recording, metrics);
	assert_int_equal(metrics[METRIC_KERNEL].state, MEASURE_ABSENT);
	assert_int_equal(metrics[METRIC_KERNEL_TOTAL].state, MEASURE_ABSENT);
	assert_value(&metrics[METRIC_KERNEL_SOURCE], BILL_EXACT, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_and_idle_is_between_opening_and_closing),
		cmocka_unit_test(all_that_are_open_must_have_been_walked),
		cmocka_unit_test(one_that_talks_is_not_idle),
		cmocka_unit_test(phases_alone_tell_as_well),
		cmocka_unit_test(the_bill_is_of_open_and_idle_ones),
		cmocka_unit_test(a_walk_that_ends_too_late_does_not_count),
		cmocka_unit_test(without_such_a_walk_it_is_unknown),
	};

	return unit_main(tests);
}
