/* ledger.c - who gave memory back, refaults, the bill, and what a loss makes doubtful. */
#include "analysis/ledger.h"

#include "analysis/bill.h"
#include "analysis/doubts.h"
#include "analysis/estimate.h"
#include "analysis/marks.h"
#include "tests/unit/measured.h"

#define AT(ms) (EPOCH + (ms)*MS)

/* A run with all programs; the second burst begins at 6 s and ends at 8. */
static struct evidence *begin(struct recording *recording)
{
	synthetic_run(recording, EPOCH, steps_down);
	recording->page_size = 4096;
	synthetic_programs(&recording->evidence);
	return &recording->evidence;
}

static void assert_absent(const struct measure *metrics, enum metric from, enum metric to)
{
	for (int i = (int)from; i <= (int)to; i++)
		assert_int_equal(metrics[i].state, MEASURE_ABSENT);
}

static void releases_are_summed_by_cause(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = begin(&recording);
	struct release_row *row;

	(void)state;
	row = synthetic_release(evidence, "policy", 10 * MIB, 0);
	row->duration = 7 * MS;
	row->longest = 5 * MS;
	row = synthetic_release(evidence, "policy", 1 * MIB, 2 * MIB);
	row->duration = 2 * MS;
	row->longest = 1 * MS;
	row = synthetic_release(evidence, "allocator", 4 * MIB, 0);
	row->duration = 1 * MS;
	row->longest = 1 * MS;
	compute(&recording, metrics);
	assert_value(&metrics[METRIC_BY_POLICY], 13.0 * MIB, 0);
	assert_value(&metrics[METRIC_BY_ALLOCATOR], 4.0 * MIB, 0);
	assert_value(&metrics[METRIC_BY_UNKNOWN], 0, 0);
	assert_value(&metrics[METRIC_CALL_TIME], 10.0 * MS, 0);
	assert_value(&metrics[METRIC_CALL_LONGEST], 5.0 * MS, 0);
	for (int i = 0; i < METRIC_COUNT; i++)
		assert_false(metrics[i].doubtful);
}

static void what_was_not_recorded_is_absent(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	recording.page_size = 4096;
	compute(&recording, metrics);
	assert_absent(metrics, METRIC_BY_POLICY, METRIC_KERNEL_TOTAL);
	assert_int_equal(metrics[METRIC_PEAK].state, MEASURE_VALUE);
}

/* Only the bill of sock_diag, in which no idle connection shows. */
static void without_programs_only_the_source_is_known(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = &recording.evidence;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	synthetic_loss(evidence, "bills_dropped", "-", 0);
	synthetic_bill(evidence, "server", "connection", AT(7000), 0, 0);
	evidence->bill[0].source = BILL_QUEUES_ONLY;
	compute(&recording, metrics);
	assert_absent(metrics, METRIC_BY_POLICY, METRIC_KERNEL);
	assert_value(&metrics[METRIC_KERNEL_SOURCE], BILL_QUEUES_ONLY, 0);
	assert_int_equal(metrics[METRIC_KERNEL_TOTAL].state, MEASURE_ABSENT);
}

static void without_markers_causes_are_absent(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence;

	(void)state;
	synthetic_run(&recording, EPOCH, steps_down);
	evidence = &recording.evidence;
	synthetic_loss(evidence, "missed", "page_freed", 0);
	synthetic_loss(evidence, "missed", "munmap_exit", 0);
	synthetic_release(evidence, "unknown", MIB, 0);
	compute(&recording, metrics);
	assert_absent(metrics, METRIC_BY_POLICY, METRIC_BY_ALLOCATOR);
	assert_value(&metrics[METRIC_BY_UNKNOWN], MIB, 0);
	/* Releases through madvise, brk, mremap and process_madvise were not seen. */
	assert_true(metrics[METRIC_BY_UNKNOWN].doubtful);
}

/* 1,000 pages go in the gap, and two processes fault in 600 and 150 in the burst. */
static void refault_is_of_the_last_gap(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = begin(&recording);

	(void)state;
	synthetic_event(evidence, "policy", AT(5100), 400 * 4096);
	synthetic_event(evidence, "allocator", AT(4000), 600 * 4096);
	/* Before the gap, and in the burst. */
	synthetic_event(evidence, "allocator", AT(3999), 5000 * 4096);
	synthetic_event(evidence, "allocator", AT(6000), 7000 * 4096);
	synthetic_process(evidence, 1, AT(3900), 10, 0);
	synthetic_process(evidence, 1, AT(5500), 1000, 7);
	synthetic_process(evidence, 2, AT(5500), 50, 0);
	synthetic_process(evidence, 1, AT(6500), 1100, 7);
	synthetic_process(evidence, 2, AT(6500), 200, 0);
	synthetic_process(evidence, 1, AT(8200), 1590, 17);
	synthetic_process(evidence, 1, AT(9200), 9000, 17);
	compute(&recording, metrics);
	assert_value(&metrics[METRIC_REFAULT], 0.75, 1e-9);
}

static void what_goes_while_a_burst_closes_counts_as_given_back(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = begin(&recording);

	(void)state;
	for (size_t i = 0; i < recording.phase_count; i++)
		recording.phases[i].closing = recording.phases[i].end - 500 * MS;
	synthetic_event(evidence, "policy", AT(3600), 1000 * 4096);
	synthetic_event(evidence, "policy", AT(3400), 1000 * 4096);
	synthetic_process(evidence, 1, AT(5500), 1000, 0);
	synthetic_process(evidence, 1, AT(8200), 1500, 0);
	compute(&recording, metrics);
	assert_value(&metrics[METRIC_REFAULT], 0.5, 1e-9);
}

static void nothing_released_is_no_refault(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = begin(&recording);

	(void)state;
	synthetic_event(evidence, "policy", AT(9000), MIB);
	synthetic_process(evidence, 1, AT(5500), 1000, 0);
	synthetic_process(evidence, 1, AT(8200), 1590, 0);
	compute(&recording, metrics);
	assert_int_equal(metrics[METRIC_REFAULT].state, MEASURE_ABSENT);
}

/* The newest row before the burst is from the burst before it: its faults would count too. */
static void faults_of_two_bursts_are_not_told_apart(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = begin(&recording);

	(void)state;
	synthetic_event(evidence, "policy", AT(5000), MIB);
	synthetic_process(evidence, 1, AT(3900), 1000, 0);
	synthetic_process(evidence, 1, AT(8200), 1590, 0);
	compute(&recording, metrics);
	assert_int_equal(metrics[METRIC_REFAULT].state, MEASURE_ABSENT);
}

static void one_burst_has_no_refault(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = begin(&recording);

	(void)state;
	strcpy(recording.phases[1].name, "warmup");
	synthetic_event(evidence, "policy", AT(5100), MIB);
	synthetic_release(evidence, "policy", MIB, 0);
	synthetic_process(evidence, 1, AT(5500), 1000, 0);
	synthetic_process(evidence, 1, AT(8200), 1590, 0);
	compute(&recording, metrics);
	assert_int_equal(metrics[METRIC_REFAULT].state, MEASURE_ABSENT);
	assert_value(&metrics[METRIC_BY_POLICY], MIB, 0);
}

static void the_latest_of_the_largest_bills_counts(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = begin(&recording);
	struct bill bill;
	char *text;
	size_t room;
	FILE *file = open_memstream(&text, &room);

	(void)state;
	synthetic_bill(evidence, "server", "connection", AT(3000), 100, 3000);
	synthetic_bill(evidence, "server", "connection", AT(4500), 1, 9000);
	synthetic_bill(evidence, "client", "connection", AT(7000), 900, 1000);
	synthetic_bill(evidence, "server", "sock", AT(7000), 100, 2500);
	synthetic_bill(evidence, "server", "epitem", AT(7000), 100, 128);
	synthetic_bill(evidence, "server", "poll_queue", AT(7000), 50, 64);
	synthetic_bill(evidence, "server", "ring_request", AT(7000), 25, 256);
	synthetic_bill(evidence, "server", "ring_poll", AT(7000), 25, 96);
	synthetic_bill(evidence, "server", "ring_async_data", AT(7000), 25, 512);
	synthetic_bill(evidence, "server", "something_new", AT(7000), 100, 8);
	synthetic_bill(evidence, "server", "forward_alloc", AT(7000), 100, 4096);
	synthetic_bill(evidence, "server", "connection", AT(7000), 100, 2668);
	assert_true(bill_find(&bill, &recording));
	assert_int_equal(bill.connections, 100);
	assert_true(fabs(bill.items[BILL_SOCK] - 2500) < 1e-9);
	assert_true(fabs(bill.items[BILL_EPOLL] - (128 + 32)) < 1e-9);
	assert_true(fabs(bill.items[BILL_RING] - (64 + 24 + 128)) < 1e-9);
	assert_true(fabs(bill.items[BILL_OTHER] - 8) < 1e-9);
	bill_write_roles(file, &bill, BILL_EPOLL);
	fclose(file);
	assert_string_equal(text, "128 B epitem, 32 B poll queue");
	free(text);
	compute(&recording, metrics);
	assert_value(&metrics[METRIC_KERNEL], 2668, 0);
	assert_value(&metrics[METRIC_KERNEL_TOTAL], 266800, 0);
	assert_value(&metrics[METRIC_KERNEL_SOURCE], BILL_EXACT, 0);
}

static void bills_agree_within_a_hundredth(void **state)
{
	struct bill a = { .connections = 1, .items = { 3000, 1000 } }, b = a, c = a;

	(void)state;
	b.items[BILL_SOCKET_INODE] += 39;
	assert_true(bill_agrees(&a, &b));
	b.items[BILL_SOCKET_INODE] += 2;
	assert_false(bill_agrees(&a, &b));
	c.source = BILL_ESTIMATED;
	assert_false(bill_agrees(&a, &c));
}

static void a_loss_marks_what_it_touches(void **state)
{
	struct measure metrics[METRIC_COUNT];
	struct recording recording;
	struct evidence *evidence = begin(&recording);

	(void)state;
	synthetic_release(evidence, "policy", MIB, 0);
	synthetic_bill(evidence, "server", "connection", AT(7000), 1, 4000);
	synthetic_loss(evidence, "missed", "page_freed", 3);
	synthetic_loss(evidence, "stacks_missing", "-", 9);
	compute(&recording, metrics);
	assert_true(metrics[METRIC_BY_POLICY].doubtful);
	assert_true(metrics[METRIC_BY_ALLOCATOR].doubtful);
	assert_false(metrics[METRIC_REFAULT].doubtful); /* there is none */
	assert_false(metrics[METRIC_CALL_TIME].doubtful);
	assert_false(metrics[METRIC_KERNEL].doubtful);
	assert_false(metrics[METRIC_PEAK].doubtful);
}

static void each_loss_has_its_own_figures(void **state)
{
	struct release_row thousand_pages = { .freed = 1000 * 4096 };
	const struct evidence none = { 0 };
	const struct evidence some = { .releases = &thousand_pages, .release_count = 1 };
	const uint64_t refault = UINT64_C(1) << METRIC_REFAULT;
	const uint64_t kernel = UINT64_C(1) << METRIC_KERNEL;
	const uint64_t policy = UINT64_C(1) << METRIC_BY_POLICY;

	(void)state;
	assert_int_equal(doubts_of(&(struct loss_row){ "bill_full", "-", 0 }, &none), 0);
	assert_int_equal(doubts_of(&(struct loss_row){ "stacks_missing", "-", 1 }, &none), 0);
	assert_int_equal(doubts_of(&(struct loss_row){ "addresses_full", "-", 1 }, &none), 0);
	assert_int_equal(doubts_of(&(struct loss_row){ "events_dropped", "-", 1 }, &none), refault);
	assert_int_equal(doubts_of(&(struct loss_row){ "processes_full", "-", 1 }, &none), refault);
	assert_int_equal(doubts_of(&(struct loss_row){ "process_unread", "-", 1 }, &none), refault);
	assert_int_equal(doubts_of(&(struct loss_row){ "bill_full", "-", 1 }, &none) &
				 (kernel | policy),
			 kernel);
	assert_int_equal(doubts_of(&(struct loss_row){ "walk_cut", "-", 1 }, &none) &
				 (kernel | policy),
			 kernel);
	assert_int_equal(doubts_of(&(struct loss_row){ "endpoints_full", "-", 1 }, &none) &
				 (kernel | policy),
			 kernel);
	assert_int_equal(doubts_of(&(struct loss_row){ "missed", "release_begin", 1 }, &none) &
				 (policy | refault),
			 policy);
	/* How often is unknown, and what it is: better one mark too many. */
	assert_true(doubts_of(&(struct loss_row){ "missed", "brk_exit", RECORD_ABSENT }, &none) &
		    policy);
	assert_true(doubts_of(&(struct loss_row){ "new_loss", "-", 1 }, &none) & kernel);
	/* Pages that were missed count from a hundredth of those that were seen. */
	assert_int_equal(doubts_of(&(struct loss_row){ "missed", "page_freed", 9 }, &some), 0);
	assert_true(doubts_of(&(struct loss_row){ "missed", "page_freed", 10 }, &some) & policy);
}

static void a_doubtful_repeat_makes_the_median_so(void **state)
{
	struct measure values[] = { { MEASURE_VALUE, 3, false },
				    { MEASURE_VALUE, 1, true },
				    { MEASURE_ABSENT, 0, false } };
	struct measure sources[] = { { MEASURE_VALUE, 1, false }, { MEASURE_VALUE, 0, false } };
	struct measure median = estimate_median(METRIC_BY_POLICY, values, 3);

	(void)state;
	assert_value(&median, 2, 0);
	assert_true(median.doubtful);
	median = estimate_median(METRIC_KERNEL_SOURCE, sources, 2);
	assert_value(&median, 1, 0);
}

static void near_events_are_one_mark(void **state)
{
	struct evidence evidence = { 0 };
	struct mark *marks;
	size_t count;

	(void)state;
	/* As they come: not by their time. */
	synthetic_event(&evidence, "policy", 250, 7);
	synthetic_event(&evidence, "allocator", 110, 5);
	synthetic_event(&evidence, "policy", 100, 10);
	synthetic_event(&evidence, "policy", 199, 20);
	synthetic_event(&evidence, "policy", 200, 3);
	synthetic_event(&evidence, "allocator", 900, 1);
	synthetic_event(&evidence, "unknown", 950, 0);
	assert_int_equal(marks_find(&marks, &count, &evidence, 100, 2), 0);
	assert_int_equal(count, 3);
	assert_int_equal(marks[0].cause, MARK_POLICY);
	assert_int_equal(marks[0].time, 100);
	assert_true(fabs(marks[0].bytes - 30) < 1e-9);
	assert_int_equal(marks[1].time, 200);
	assert_true(fabs(marks[1].bytes - 10) < 1e-9);
	assert_int_equal(marks[2].cause, MARK_ALLOCATOR);
	assert_int_equal(marks[2].time, 110);
	free(marks);
	evidence_free(&evidence);
	assert_int_equal(marks_find(&marks, &count, &evidence, 100, 2), 0);
	assert_int_equal(count, 0);
	free(marks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_are_summed_by_cause),
		cmocka_unit_test(what_was_not_recorded_is_absent),
		cmocka_unit_test(without_programs_only_the_source_is_known),
		cmocka_unit_test(without_markers_causes_are_absent),
		cmocka_unit_test(refault_is_of_the_last_gap),
		cmocka_unit_test(what_goes_while_a_burst_closes_counts_as_given_back),
		cmocka_unit_test(nothing_released_is_no_refault),
		cmocka_unit_test(faults_of_two_bursts_are_not_told_apart),
		cmocka_unit_test(one_burst_has_no_refault),
		cmocka_unit_test(the_latest_of_the_largest_bills_counts),
		cmocka_unit_test(bills_agree_within_a_hundredth),
		cmocka_unit_test(a_loss_marks_what_it_touches),
		cmocka_unit_test(each_loss_has_its_own_figures),
		cmocka_unit_test(a_doubtful_repeat_makes_the_median_so),
		cmocka_unit_test(near_events_are_one_mark),
	};

	return unit_main(tests);
}
