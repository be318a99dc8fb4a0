/*
 * document.c - what a pulse measured, as JSON. See document.h.
 *
 * A table of members serves writing and reading, so that they cannot differ.
 */
#include "pulse/document.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define FORMAT	"tidemark pulse"
#define VERSION 1

struct member {
	const char *name;
	size_t offset; /* of a uint64_t */
};

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define PHASE(field)   offsetof(struct phase, field)
#define TRAFFIC(field) offsetof(struct traffic, field)

static const struct member phase_members[] = {
	{ "number", PHASE(number) },
	{ "start_ns", PHASE(start) },
	{ "established_ns", PHASE(established) },
	{ "closing_ns", PHASE(closing) },
	{ "end_ns", PHASE(end) },
	{ "wanted", PHASE(wanted) },
	{ "connected", PHASE(connected) },
	{ "lost_refused", PHASE(lost_refused) },
	{ "lost_reset", PHASE(lost_reset) },
	{ "lost_timeout", PHASE(lost_timeout) },
	{ "lost_ports", PHASE(lost_ports) },
	{ "lost_files", PHASE(lost_files) },
	{ "lost_wrong", PHASE(lost_wrong) },
	{ "lost_other", PHASE(lost_other) },
	{ "survivors", PHASE(survivors) },
};

static const struct member traffic_members[] = {
	{ "begin_ns", TRAFFIC(begin) },	       { "end_ns", TRAFFIC(end) },
	{ "windows", TRAFFIC(windows) },       { "length_ns", TRAFFIC(length) },
	{ "operations", TRAFFIC(operations) }, { "outside", TRAFFIC(outside) },
	{ "unsent", TRAFFIC(unsent) },	       { "wrong", TRAFFIC(wrong) },
	{ "timeouts", TRAFFIC(timeouts) },     { "late", TRAFFIC(late) },
	{ "sent_bytes", TRAFFIC(bytes_sent) }, { "received_bytes", TRAFFIC(bytes_received) },
};

static const struct member histogram_members[] = {
	{ "count", offsetof(struct histogram, count) },
	{ "out_of_range", offsetof(struct histogram, out_of_range) },
	{ "max_ns", offsetof(struct histogram, max) },
};

static void set_number(json_t *object, const char *name, uint64_t number)
{
	bool absent = number == RECORD_ABSENT;

	json_object_set_new(object, name, absent ? json_null() : json_integer((json_int_t)number));
}

static void write_members(json_t *object, const struct member *members, size_t count,
			  const void *fields)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t number;

		memcpy(&number, (const char *)fields + members[i].offset, sizeof(number));
		set_number(object, members[i].name, number);
	}
}

static int read_number(const json_t *value, uint64_t *number)
{
	if (json_is_null(value))
		*number = RECORD_ABSENT;
	else if (json_is_integer(value) && json_integer_value(value) >= 0)
		*number = (uint64_t)json_integer_value(value);
	else
		return -EBADMSG;
	return 0;
}

static int read_members(const json_t *object, const struct member *members, size_t count,
			void *fields)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t number;

		if (read_number(json_object_get(object, members[i].name), &number))
			return -EBADMSG;
		memcpy((char *)fields + members[i].offset, &number, sizeof(number));
	}
	return 0;
}

static json_t *write_histogram(const struct histogram *histogram)
{
	static const struct {
		const char *name;
		double share;
	} marks[] = {
		{ "p50_ns", 0.5 }, { "p90_ns", 0.9 }, { "p99_ns", 0.99 }, { "p999_ns", 0.999 }
	};
	json_t *object = json_object(), *buckets = json_array();

	write_members(object, histogram_members, COUNT(histogram_members), histogram);
	for (size_t i = 0; i < COUNT(marks); i++)
		set_number(object, marks[i].name,
			   histogram->count ? histogram_percentile(histogram, marks[i].share)
					    : RECORD_ABSENT);
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		if (histogram->buckets[i])
			json_array_append_new(
				buckets,
				json_pack("[i,I]", (int)i, (json_int_t)histogram->buckets[i]));
	json_object_set_new(object, "buckets", buckets);
	return object;
}

/* Percentiles follow from the buckets; the counts must agree with them. */
static int read_histogram(const json_t *object, struct histogram *histogram)
{
	const json_t *buckets = json_object_get(object, "buckets"), *pair;
	uint64_t sum;
	size_t i;

	histogram_clear(histogram);
	if (!json_is_array(buckets) ||
	    read_members(object, histogram_members, COUNT(histogram_members), histogram))
		return -EBADMSG;
	sum = histogram->out_of_range;
	json_array_foreach(buckets, i, pair)
	{
		uint64_t bucket, count;

		if (read_number(json_array_get(pair, 0), &bucket) || bucket >= HISTOGRAM_BUCKETS ||
		    read_number(json_array_get(pair, 1), &count) || histogram->buckets[bucket])
			return -EBADMSG;
		histogram->buckets[bucket] = count;
		sum += count;
	}
	return sum == histogram->count ? 0 : -EBADMSG;
}

json_t *document_create(const struct document_head *head)
{
	return json_pack("{s:s, s:i, s:s, s:I, s:I, s:s, s:I, s:I, s:I, s:i, s:[]}", "format",
			 FORMAT, "version", VERSION, "boot_id", head->stamp.boot_id, "monotonic_ns",
			 (json_int_t)head->stamp.monotonic, "realtime_ns",
			 (json_int_t)head->stamp.realtime, "protocol", head->protocol, "message",
			 (json_int_t)head->message, "ops", (json_int_t)head->ops, "pulses",
			 (json_int_t)head->pulses, "histogram_precision", HISTOGRAM_PRECISION,
			 "phases");
}

int document_append(json_t *document, const struct outcome *outcome)
{
	json_t *phase = json_pack("{s:s}", "phase", outcome->phase.name);
	json_t *traffic = json_object();

	write_members(phase, phase_members, COUNT(phase_members), &outcome->phase);
	json_object_set_new(phase, "connect", write_histogram(&outcome->connect));
	json_object_set_new(phase, "connect_raw", write_histogram(&outcome->connect_raw));
	write_members(traffic, traffic_members, COUNT(traffic_members), &outcome->traffic);
	json_object_set_new(traffic, "per_second", json_real(traffic_rate(&outcome->traffic)));
	json_object_set_new(traffic, "corrected", write_histogram(&outcome->traffic.corrected));
	json_object_set_new(traffic, "raw", write_histogram(&outcome->traffic.raw));
	json_object_set_new(phase, "traffic", traffic);
	return json_array_append_new(json_object_get(document, "phases"), phase) ? -ENOMEM : 0;
}

static int copy_text(const json_t *value, char *text, size_t room)
{
	const char *from = json_string_value(value);

	if (!from || strlen(from) >= room)
		return -EPROTO;
	strcpy(text, from);
	return 0;
}

int document_read_head(const json_t *document, struct document_head *head)
{
	static const struct member members[] = {
		{ "message", offsetof(struct document_head, message) },
		{ "ops", offsetof(struct document_head, ops) },
		{ "pulses", offsetof(struct document_head, pulses) },
		{ "monotonic_ns", offsetof(struct document_head, stamp.monotonic) },
		{ "realtime_ns", offsetof(struct document_head, stamp.realtime) },
	};
	const char *format = json_string_value(json_object_get(document, "format"));

	if (!format || strcmp(format, FORMAT) != 0 ||
	    json_integer_value(json_object_get(document, "version")) != VERSION ||
	    json_integer_value(json_object_get(document, "histogram_precision")) !=
		    HISTOGRAM_PRECISION ||
	    !json_is_array(json_object_get(document, "phases")))
		return -EPROTO;
	if (copy_text(json_object_get(document, "protocol"), head->protocol,
		      sizeof(head->protocol)) ||
	    copy_text(json_object_get(document, "boot_id"), head->stamp.boot_id,
		      sizeof(head->stamp.boot_id)) ||
	    read_members(document, members, COUNT(members), head))
		return -EPROTO;
	return 0;
}

size_t document_phases(const json_t *document)
{
	return json_array_size(json_object_get(document, "phases"));
}

int document_read_phase(const json_t *document, size_t index, struct outcome *outcome)
{
	const json_t *phase = json_array_get(json_object_get(document, "phases"), index);
	const json_t *traffic = json_object_get(phase, "traffic");

	memset(outcome, 0, sizeof(*outcome));
	if (copy_text(json_object_get(phase, "phase"), outcome->phase.name,
		      sizeof(outcome->phase.name)) ||
	    read_members(phase, phase_members, COUNT(phase_members), &outcome->phase) ||
	    read_histogram(json_object_get(phase, "connect"), &outcome->connect) ||
	    read_histogram(json_object_get(phase, "connect_raw"), &outcome->connect_raw) ||
	    read_members(traffic, traffic_members, COUNT(traffic_members), &outcome->traffic) ||
	    read_histogram(json_object_get(traffic, "corrected"), &outcome->traffic.corrected) ||
	    read_histogram(json_object_get(traffic, "raw"), &outcome->traffic.raw))
		return -EBADMSG;
	outcome_describe(outcome);
	return 0;
}
