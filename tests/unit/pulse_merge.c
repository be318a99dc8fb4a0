/* pulse_merge.c - documents are read as they were written, and only those of one window merge. */
#include "pulse/merge.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define SECOND UINT64_C(1000000000)

static struct outcome outcome;

/* A burst that talked from 10 s to 20 s of its clock, with one latency. */
static void fill(uint64_t connected, uint64_t latency)
{
	memset(&outcome, 0, sizeof(outcome));
	strcpy(outcome.phase.name, "burst");
	outcome.phase.number = 1;
	outcome.phase.start = 9 * SECOND;
	outcome.phase.established = 10 * SECOND;
	outcome.phase.closing = 20 * SECOND;
	outcome.phase.end = 21 * SECOND;
	outcome.phase.wanted = outcome.phase.connected = connected;
	outcome.traffic.begin = 10 * SECOND;
	outcome.traffic.end = 20 * SECOND;
	traffic_end(&outcome.traffic, outcome.traffic.end);
	outcome.traffic.operations = 100 * connected;
	for (uint64_t i = 0; i < 100 * connected; i++)
		histogram_record(&outcome.traffic.corrected, latency);
	for (uint64_t i = 0; i < connected; i++)
		histogram_record(&outcome.connect, 1000 * i);
	outcome_describe(&outcome);
}

static struct document_head head_of(const char *protocol, uint64_t realtime)
{
	struct document_head head = {
		.message = 8,
		.pulses = 1,
		.stamp = { .monotonic = SECOND, .realtime = realtime, .boot_id = "x" },
	};

	strcpy(head.protocol, protocol);
	return head;
}

/* A file that holds it, until it is closed. */
static void write_document(const struct document_head *head, char path[32])
{
	json_t *document = document_create(head);
	int fd = memfd_create("document", 0);

	assert_non_null(document);
	assert_int_equal(document_append(document, &outcome), 0);
	assert_int_equal(json_dumpfd(document, fd, 0), 0);
	json_decref(document);
	sprintf(path, "/proc/self/fd/%d", fd);
}

static void a_phase_is_read_as_it_was_written(void **state)
{
	static struct outcome again;
	struct document_head head = head_of("echo", 100 * SECOND);
	json_t *document = document_create(&head);

	(void)state;
	fill(10, 12345);
	assert_int_equal(document_append(document, &outcome), 0);
	assert_int_equal(document_read_phase(document, 0, &again), 0);
	assert_memory_equal(&again, &outcome, sizeof(again));
	json_decref(document);
}

static void what_was_changed_by_hand_is_refused(void **state)
{
	static struct outcome again;
	struct document_head head = head_of("echo", 100 * SECOND);
	json_t *document = document_create(&head), *traffic, *histogram;

	(void)state;
	fill(10, 12345);
	document_append(document, &outcome);
	traffic = json_object_get(json_array_get(json_object_get(document, "phases"), 0),
				  "traffic");
	histogram = json_object_get(traffic, "corrected");
	json_object_set_new(histogram, "count", json_integer(7));
	assert_true(document_read_phase(document, 0, &again) < 0);
	json_object_set_new(histogram, "count", json_integer(1000));
	assert_int_equal(document_read_phase(document, 0, &again), 0);
	json_object_set_new(histogram, "buckets", json_pack("[[i,i]]", HISTOGRAM_BUCKETS, 1000));
	assert_true(document_read_phase(document, 0, &again) < 0);
	json_object_set_new(traffic, "operations", json_string("many"));
	assert_true(document_read_phase(document, 0, &again) < 0);
	json_decref(document);
}

/* The second machine's clock is 50 s behind in uptime, and half a second off in the window. */
static void percentiles_come_from_the_merged_buckets(void **state)
{
	struct document_head first = head_of("echo", 100 * SECOND);
	struct document_head second = head_of("echo", 150 * SECOND);
	char a[32], b[32], why[MERGE_WHY];
	char *paths[] = { a, b, NULL };
	struct merged merged;

	(void)state;
	fill(9, 1000);
	write_document(&first, a);
	fill(1, 1000000);
	second.stamp.monotonic = 51 * SECOND - SECOND / 2;
	write_document(&second, b);
	assert_int_equal(merge_files(&merged, paths, why), 0);
	assert_int_equal(merged.head.pulses, 2);
	assert_int_equal(merged.outcomes[0].phase.connected, 10);
	assert_int_equal(merged.outcomes[0].traffic.operations, 1000);
	assert_true(traffic_rate(&merged.outcomes[0].traffic) == 100);
	assert_int_equal(merged.outcomes[0].traffic.begin, 10 * SECOND + SECOND / 2);
	assert_int_equal(merged.outcomes[0].traffic.end, 20 * SECOND);
	assert_in_range(histogram_percentile(&merged.outcomes[0].traffic.corrected, 0.9), 1000,
			1008);
	assert_in_range(histogram_percentile(&merged.outcomes[0].traffic.corrected, 0.91), 1000000,
			1008000);
	merge_free(&merged);
}

static void assert_refused(struct document_head second, const char *reason)
{
	struct document_head first = head_of("echo", 100 * SECOND);
	char a[32], b[32], why[MERGE_WHY];
	char *paths[] = { a, b, NULL };
	struct merged merged;

	write_document(&first, a);
	write_document(&second, b);
	assert_true(merge_files(&merged, paths, why) < 0);
	if (!strstr(why, reason))
		fail_msg("%s", why);
}

static void what_does_not_belong_together_is_refused(void **state)
{
	struct document_head other = head_of("echo", 100 * SECOND);

	(void)state;
	fill(1, 1);
	assert_refused(head_of("feed", 100 * SECOND), "protocol feed, the first file has echo");
	assert_refused(head_of("echo", 102 * SECOND),
		       "only 80 % of the window is common to all; it opens when all are connected");
	assert_refused(head_of("echo", 200 * SECOND), "burst 1 was at another time");
	other.message = 9;
	assert_refused(other, "messages of 9 bytes");
	other = head_of("echo", 100 * SECOND);
	other.ops = 5;
	assert_refused(other, "open loop");
}

/* Each document in the order that is given: indexes into paths. Returns as merge_files() does. */
static int merge_ordered(char (*paths)[32], const int order[3], char why[MERGE_WHY])
{
	char *ordered[] = { paths[order[0]], paths[order[1]], paths[order[2]], NULL };
	struct merged merged;
	int error = merge_files(&merged, ordered, why);

	if (!error)
		merge_free(&merged);
	return error;
}

static const int orders[][3] = {
	{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
};

/* Each shorter window is nine tenths of the one before, but not of the first. */
static void a_window_is_compared_with_all_others(void **state)
{
	static const uint64_t ends[] = { 20000, 19100, 18300 };
	char paths[3][32], why[MERGE_WHY];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct document_head head = head_of("echo", 100 * SECOND + i);

		fill(1, 1);
		outcome.traffic.end = ends[i] * 1000000;
		write_document(&head, paths[i]);
	}
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		assert_true(merge_ordered(paths, orders[i], why) < 0);
		if (!strstr(why, "only 83 % of the window is common to all"))
			fail_msg("%s", why);
	}
}

/* The first is over when the last begins; the one between them overlaps with both. */
static void a_phase_is_compared_with_all_others(void **state)
{
	char paths[3][32], why[MERGE_WHY];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct document_head head = head_of("idle", 100 * SECOND + i);

		fill(1, 1);
		outcome.traffic.begin = outcome.traffic.end = 0;
		outcome.phase.start += 7 * i * SECOND;
		outcome.phase.end += 7 * i * SECOND;
		write_document(&head, paths[i]);
	}
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		assert_true(merge_ordered(paths, orders[i], why) < 0);
		if (!strstr(why, "burst 1 was at another time"))
			fail_msg("%s", why);
	}
}

static void no_pulse_is_counted_twice(void **state)
{
	struct document_head other = head_of("echo", 100 * SECOND);

	(void)state;
	fill(1, 1);
	assert_refused(other, "the same pulse as /proc/self/fd/");
	strcpy(other.stamp.boot_id, "y");
	other.pulses = 2;
	assert_refused(other, "a merge of 2 pulses");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phase_is_read_as_it_was_written),
		cmocka_unit_test(what_was_changed_by_hand_is_refused),
		cmocka_unit_test(percentiles_come_from_the_merged_buckets),
		cmocka_unit_test(what_does_not_belong_together_is_refused),
		cmocka_unit_test(a_window_is_compared_with_all_others),
		cmocka_unit_test(a_phase_is_compared_with_all_others),
		cmocka_unit_test(no_pulse_is_counted_twice),
	};

	return unit_main(tests);
}
