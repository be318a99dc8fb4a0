/*
 * ledger.c - who gave memory back, and what the kernel holds. See ledger.h.
 */
#include "analysis/ledger.h"

#include <string.h>
#include <sys/param.h>

#include "analysis/bill.h"
#include "analysis/doubts.h"

static void set(struct measure metrics[METRIC_COUNT], enum metric metric, double value)
{
	metrics[metric] = (struct measure){ .state = MEASURE_VALUE, .value = value };
}

double ledger_released(uint64_t freed, uint64_t swapped)
{
	return (freed == RECORD_ABSENT ? 0 : (double)freed) +
	       (swapped == RECORD_ABSENT ? 0 : (double)swapped);
}

static double sum_cause(const struct evidence *evidence, const char *cause)
{
	double sum = 0;

	for (size_t i = 0; i < evidence->release_count; i++) {
		const struct release_row *row = &evidence->releases[i];

		if (!strcmp(row->cause, cause))
			sum += ledger_released(row->freed, row->swapped);
	}
	return sum;
}

static void reckon_released(const struct evidence *evidence, struct measure metrics[METRIC_COUNT])
{
	if (!evidence_counts_pages(evidence))
		return;
	set(metrics, METRIC_BY_UNKNOWN, sum_cause(evidence, "unknown"));
	if (!evidence_tells_causes(evidence))
		return;
	set(metrics, METRIC_BY_POLICY, sum_cause(evidence, "policy"));
	set(metrics, METRIC_BY_ALLOCATOR, sum_cause(evidence, "allocator"));
}

static void reckon_calls(const struct evidence *evidence, struct measure metrics[METRIC_COUNT])
{
	double time = 0, longest = 0;

	if (!evidence_watches_calls(evidence))
		return;
	for (size_t i = 0; i < evidence->release_count; i++) {
		const struct release_row *row = &evidence->releases[i];

		if (row->duration == RECORD_ABSENT || row->longest == RECORD_ABSENT)
			return;
		time += (double)row->duration;
		longest = MAX(longest, (double)row->longest);
	}
	set(metrics, METRIC_CALL_TIME, time);
	/* Without a call there is no longest one. */
	if (evidence->release_count)
		set(metrics, METRIC_CALL_LONGEST, longest);
}

/* Faults of one process until the newest of its rows at or before time. -1: there is no such row.
 */
static double faults_until(const struct evidence *evidence, uint64_t pid, uint64_t time)
{
	double faults = -1;
	uint64_t newest = 0;

	for (size_t i = 0; i < evidence->process_count; i++) {
		const struct process_row *row = &evidence->processes[i];

		if (row->pid != pid || row->time > time || row->time < newest ||
		    row->minor_faults == RECORD_ABSENT || row->major_faults == RECORD_ABSENT)
			continue;
		newest = row->time;
		faults = (double)row->minor_faults + (double)row->major_faults;
	}
	return faults;
}

/* The newest time of any row in [from, to], or with first the oldest; RECORD_ABSENT without one. */
static uint64_t row_time(const struct evidence *evidence, uint64_t from, uint64_t to, bool first)
{
	uint64_t found = RECORD_ABSENT;

	for (size_t i = 0; i < evidence->process_count; i++) {
		uint64_t time = evidence->processes[i].time;

		if (time < from || time > to)
			continue;
		if (found == RECORD_ABSENT || (first ? time < found : time > found))
			found = time;
	}
	return found;
}

/* Is there no row of the same process before the i-th one? */
static bool is_first_of_process(const struct evidence *evidence, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (evidence->processes[j].pid == evidence->processes[i].pid)
			return false;
	return true;
}

/* Faults of all processes between two rows. One that ended meanwhile counts up to its last row. */
static double faults_between(const struct evidence *evidence, uint64_t from, uint64_t to)
{
	double faults = 0;

	for (size_t i = 0; i < evidence->process_count; i++) {
		uint64_t pid = evidence->processes[i].pid;

		if (is_first_of_process(evidence, i))
			faults += MAX(0, faults_until(evidence, pid, to)) -
				  MAX(0, faults_until(evidence, pid, from));
	}
	return faults;
}

static double released_between(const struct evidence *evidence, uint64_t from, uint64_t to)
{
	double released = 0;

	for (size_t i = 0; i < evidence->event_count; i++) {
		const struct release_event_row *event = &evidence->events[i];

		if (event->time >= from && event->time < to)
			released += ledger_released(event->freed, event->swapped);
	}
	return released;
}

/* Policies such as close and drop give back while the burst still closes its connections. */
static uint64_t closing_of(const struct burst *burst)
{
	uint64_t closing = burst->phase->closing;

	return closing >= burst->phase->start ? MIN(closing, burst->last_close) : burst->last_close;
}

static void reckon_refault(const struct recording *recording, const struct burst *before,
			   const struct burst *burst, struct measure metrics[METRIC_COUNT])
{
	const struct evidence *evidence = &recording->evidence;
	uint64_t from = row_time(evidence, before->last_close, burst->phase->start, false);
	uint64_t to = row_time(evidence, burst->last_close, UINT64_MAX - 1, true);
	double pages;

	if (!evidence_counts_pages(evidence) || !recording->page_size || from == RECORD_ABSENT ||
	    to == RECORD_ABSENT)
		return;
	pages = released_between(evidence, closing_of(before), burst->phase->start) /
		(double)recording->page_size;
	if (pages > 0 && pages * (double)recording->page_size >= metrics[METRIC_PEAK].value / 100)
		set(metrics, METRIC_REFAULT, faults_between(evidence, from, to) / pages);
}

static void reckon_kernel(const struct recording *recording, struct measure metrics[METRIC_COUNT])
{
	struct bill bill;

	if (!bill_find(&bill, recording))
		return;
	set(metrics, METRIC_KERNEL_SOURCE, bill.source);
	if (!bill.connections)
		return;
	set(metrics, METRIC_KERNEL, bill.median);
	set(metrics, METRIC_KERNEL_TOTAL, bill.total);
}

void ledger_reckon(const struct recording *recording, const struct burst *bursts,
		   size_t burst_count, struct measure metrics[METRIC_COUNT])
{
	const struct evidence *evidence = &recording->evidence;

	reckon_released(evidence, metrics);
	reckon_calls(evidence, metrics);
	if (burst_count > 1)
		reckon_refault(recording, &bursts[burst_count - 2], &bursts[burst_count - 1],
			       metrics);
	reckon_kernel(recording, metrics);
	doubts_mark(evidence, metrics);
}
