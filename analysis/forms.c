/*
 * forms.c - how metrics are named and written. See forms.h.
 */
#include "analysis/forms.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/bill.h"
#include "analysis/estimate.h"

#define MIB 0x1p20

const struct metric_form metric_forms[] = {
	{ METRIC_BASE, "base_bytes", NULL, "", NULL, "MiB", MIB, 1,
	  "held before the first burst, after the warm-up" },
	{ METRIC_PEAK, "peak_bytes", NULL, "", "peak", "MiB", MIB, 1,
	  "most that the server held in the last burst" },
	{ METRIC_FLOOR, "floor_bytes", "censored_bytes", "", "floor", "MiB", MIB, 1,
	  "lowest one-second median of held after the last close: what the burst left behind" },
	{ METRIC_LIVE, "live_at_floor_bytes", NULL, "", NULL, "MiB", MIB, 1,
	  "what the open connections really used at the floor" },
	{ METRIC_FLOOR_LIVE, "floor_per_live", "censored", "", "floor/live", "", 1, 1,
	  "(floor − base) / live: how many bytes are held for each byte that is in use" },
	{ METRIC_RETENTION_1, "retention_1s", NULL, "retention after", "1 s", "%", 0.01, 0,
	  "share of what the burst added that is still held, and used by nobody, 1 s after the "
	  "last close" },
	{ METRIC_RETENTION_5, "retention_5s", NULL, "retention after", "5 s", "%", 0.01, 0,
	  "the same after 5 s" },
	{ METRIC_RETENTION_15, "retention_15s", NULL, "retention after", "15 s", "%", 0.01, 0,
	  "the same after 15 s" },
	{ METRIC_T50, "t50_ns", "censored_ns", "time to release", "T50", "", 1e9, 2,
	  "time from the last close until half of it was gone" },
	{ METRIC_T90, "t90_ns", "censored_ns", "time to release", "T90", "", 1e9, 2,
	  "time until nine tenths of it were gone" },
	{ METRIC_T99, "t99_ns", "censored_ns", "", NULL, "", 1e9, 2,
	  "time until all but a hundredth of it was gone" },
	{ METRIC_WASTE, "waste_byte_seconds", "censored_byte_seconds", "", "waste", "MiB s", MIB, 1,
	  "memory that nobody used, times how long it was held, over the window" },
	{ METRIC_RATCHET, "ratchet_bytes_per_burst", NULL, "", "ratchet", "MiB/burst", MIB, 2,
	  "by how much each burst raised the floor" },
	{ METRIC_STALL, "release_stall_max_ns", NULL, "", "stall", "ms", 1e6, 1,
	  "longest time that the server stood still to release memory" },
	{ METRIC_STALL_TOTAL, "release_stall_total_ns", NULL, "", NULL, "ms", 1e6, 1,
	  "time that the server stood still to release memory, over the whole run" },
	{ METRIC_RELEASES, "releases", NULL, "", NULL, "", 1, 0, "how often the policy released" },
	{ METRIC_RELEASED, "released_bytes", NULL, "", NULL, "MiB", MIB, 1,
	  "what these releases gave back" },
	{ METRIC_FIRST_P50, "connect_p50_first_burst_ns", NULL, "connect first", "p50", "us", 1e3,
	  0, "median time to connect in the first burst" },
	{ METRIC_FIRST_P99, "connect_p99_first_burst_ns", NULL, "connect first", "p99", "us", 1e3,
	  0, "time to connect that 99 of 100 did not exceed, in the first burst" },
	{ METRIC_LAST_P50, "connect_p50_last_burst_ns", NULL, "connect last", "p50", "us", 1e3, 0,
	  "median time to connect in the last burst, on memory that was kept or taken again" },
	{ METRIC_LAST_P99, "connect_p99_last_burst_ns", NULL, "connect last", "p99", "us", 1e3, 0,
	  "the same, 99 of 100" },
	{ METRIC_FAULTS, "minor_faults_last_burst", NULL, "", "faults", "pages", 1, 0,
	  "pages that the last burst faulted in: the price of memory that was given back" },
	{ METRIC_CPU, "cpu_ns", NULL, "", "CPU", "ms", 1e6, 0,
	  "time that the server ran, from the first burst to the end of the window: with all "
	  "releases, and all memory that was faulted in again" },
	{ METRIC_WINDOW, "window_ns", NULL, "", NULL, "", 1e9, 2,
	  "time watched after the last close" },
	{ METRIC_BY_POLICY, "released_by_policy_bytes", NULL, "given back by", "policy", "MiB", MIB,
	  1, "memory that the kernel took back in calls of the release policy, over the whole run",
	  FORM_LEDGER },
	{ METRIC_BY_ALLOCATOR, "released_by_allocator_bytes", NULL, "given back by", "allocator",
	  "MiB", MIB, 1,
	  "the same in all other calls: the allocator by itself (and the server's connection "
	  "table, some hundred KiB)",
	  FORM_LEDGER },
	{ METRIC_BY_UNKNOWN, "released_by_unknown_bytes", NULL, "given back by", "unknown", "MiB",
	  MIB, 1, "the same in calls whose cause is not known", FORM_LEDGER, true },
	{ METRIC_REFAULT, "refault_ratio", NULL, "", "refault", "", 1, 2,
	  "pages that the last burst faulted in, over the pages given back before it: near 1, "
	  "memory was given back only to be taken again; above 1, the burst needed more than that",
	  FORM_LEDGER },
	{ METRIC_CALL_TIME, "release_calls_ns", NULL, "in release calls", "all", "ms", 1e6, 1,
	  "time spent in the system calls that give memory back, over the whole run", FORM_LEDGER },
	{ METRIC_CALL_LONGEST, "release_call_longest_ns", NULL, "in release calls", "longest", "ms",
	  1e6, 2, "the longest single one of them", FORM_LEDGER },
	{ METRIC_KERNEL, "kernel_bytes_per_connection", NULL, "kernel memory", "connection", "B", 1,
	  0, "what one idle connection costs the kernel at the server's end; no RSS shows it",
	  FORM_LEDGER },
	{ METRIC_KERNEL_SOURCE, "kernel_source", NULL, "kernel memory", "source", "", 1, 0,
	  "exact: the size of each object, slab slack included; estimated: type sizes; queues "
	  "only: waiting data, from sock_diag",
	  FORM_LEDGER, false, bill_source_names },
	{ METRIC_KERNEL_TOTAL, "kernel_bytes", NULL, "", NULL, "MiB", MIB, 1,
	  "of all connections together", FORM_LEDGER },
	{ METRIC_CPU_USER, "cpu_user_ns", NULL, "", NULL, "ms", 1e6, 0,
	  "CPU time of all processes of the server in user space, from the first burst to the end "
	  "of the window",
	  FORM_LEDGER },
	{ METRIC_CPU_SYSTEM, "cpu_system_ns", NULL, "", NULL, "ms", 1e6, 0,
	  "the same in the kernel", FORM_LEDGER },
	{ METRIC_CPU_CONNECTION, "cpu_per_connection_ns", NULL, "server CPU", "connection", "us",
	  1e3, 1,
	  "CPU time of the server in the last burst, from its start to its last close, over its "
	  "connections",
	  FORM_LEDGER, true },
	{ METRIC_OPERATIONS, "operations_per_second", NULL, "operations", "a second", "", 1, 0,
	  "requests that were answered, or chunks that came, a second, while the last burst's "
	  "connections were open",
	  FORM_TRAFFIC },
	{ METRIC_LATENCY_P50, "latency_p50_ns", NULL, "latency", "p50", "us", 1e3, 0,
	  "median time from when an operation was planned until it was answered; of a feed, how late "
	  "chunks came",
	  FORM_TRAFFIC },
	{ METRIC_LATENCY_P99, "latency_p99_ns", NULL, "latency", "p99", "us", 1e3, 0,
	  "the same, 99 of 100", FORM_TRAFFIC },
	{ METRIC_CPU_OPERATION, "cpu_per_operation_ns", NULL, "server CPU", "operation", "us", 1e3,
	  2, "CPU time of the server meanwhile, over the operations", FORM_TRAFFIC },
	{ 0 },
};

const struct metric_form *form_of(enum metric metric)
{
	const struct metric_form *form = metric_forms;

	while (form->metric != metric)
		form++;
	return form;
}

bool form_is_whole(const struct metric_form *form)
{
	return form->scale >= 1 && form->metric != METRIC_FLOOR_LIVE &&
	       form->metric != METRIC_REFAULT && form->metric != METRIC_OPERATIONS;
}

static int is_time_column(const struct metric_form *form)
{
	return form->scale == 1e9;
}

const char *form_write(char text[FORM_TEXT], const struct metric_form *form,
		       const struct measure *measure)
{
	double value = measure->value / form->scale;
	const char *unit = is_time_column(form) ? " s" : "";
	int decimals = form->decimals;

	if (measure->state == MEASURE_ABSENT)
		return strcpy(text, "-");
	if (form->names)
		return strcpy(text, form->names[(size_t)measure->value]);
	/* No "-0.0". */
	if (fabs(value) < 0.5 * pow(10, -decimals))
		value = 0;
	if (measure->state == MEASURE_VALUE)
		snprintf(text, FORM_TEXT, "%.*f%s", decimals, value, unit);
	else if (is_time_column(form))
		snprintf(text, FORM_TEXT, "> %.*f s", value < 10, value);
	else if (estimate_is_least(form->metric))
		snprintf(text, FORM_TEXT, "> %.*f", decimals, value);
	else
		snprintf(text, FORM_TEXT, "<= %.*f", decimals, value);
	if (measure->doubtful)
		strncat(text, "?", FORM_TEXT - strlen(text) - 1);
	return text;
}

const char *form_spread(char text[FORM_TEXT], const struct metric_form *form,
			const struct measure *median, const struct interval *interval)
{
	double spread = fmax(median->value - interval->range.low,
			     interval->range.high - median->value);

	text[0] = '\0';
	if (interval->confidence > 0 && isfinite(spread) && !form->names)
		snprintf(text, FORM_TEXT, "±%.*f%s", form->decimals, spread / form->scale,
			 is_time_column(form) ? " s" : "");
	return text;
}

/* One number of a difference; open ends as such. What rounds to 0 has no sign. */
static void write_end(FILE *file, const struct metric_form *form, double value)
{
	double scaled = value / form->scale;

	if (isinf(value))
		fputs(value > 0 ? "?" : "-?", file);
	else if (fabs(scaled) * pow(10, form->decimals) < 0.5)
		fprintf(file, "%.*f", form->decimals, 0.0);
	else
		fprintf(file, "%+.*f", form->decimals, scaled);
}

const char *form_difference(char text[FORM_DIFFERENCE], const struct metric_form *form,
			    const struct difference *difference)
{
	const struct range *median = &difference->median, *range = &difference->range;
	const char *unit = is_time_column(form) ? " s" : "";
	FILE *file;

	if (difference->verdict == DIFFERENCE_NONE || difference->verdict == DIFFERENCE_UNKNOWN)
		return strcpy(text, difference_verdicts[difference->verdict]);
	if (difference->verdict == DIFFERENCE_ABSENT || (isinf(median->low) && isinf(median->high)))
		return strcpy(text, "-");
	file = fmemopen(text, FORM_DIFFERENCE, "w");
	if (!file)
		return strcpy(text, "-");
	if (median->low != median->high)
		fputs(isinf(median->high) ? "> " : "< ", file);
	write_end(file, form, isinf(median->low) ? median->high : median->low);
	fputs(unit, file);
	if (difference->verdict >= DIFFERENCE_LESS && median->low == median->high) {
		fputs(" (", file);
		write_end(file, form, range->low);
		fputs(" to ", file);
		write_end(file, form, range->high);
		fputs(")", file);
	}
	fputs(difference->doubtful ? "?" : "", file);
	fclose(file);
	return text;
}
