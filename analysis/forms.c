/*
 * forms.c - how metrics are named and written. See forms.h.
 */
#include "analysis/forms.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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
	{ METRIC_WASTE, "waste_byte_seconds", NULL, "", "waste", "MiB s", MIB, 0,
	  "memory that nobody used, times how long it was held, over the window" },
	{ METRIC_RATCHET, "ratchet_bytes_per_burst", NULL, "", "ratchet", "MiB/burst", MIB, 2,
	  "by how much each burst raised the floor" },
	{ METRIC_STALL, "release_stall_max_ns", NULL, "", "stall", "ms", 1e6, 1,
	  "longest time that the server stood still to release memory" },
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
	{ METRIC_WINDOW, "window_ns", NULL, "", NULL, "", 1e9, 2,
	  "time watched after the last close" },
	{ 0 },
};

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
	/* No "-0.0". */
	if (fabs(value) < 0.5 * pow(10, -decimals))
		value = 0;
	if (measure->state == MEASURE_VALUE)
		snprintf(text, FORM_TEXT, "%.*f%s", decimals, value, unit);
	else if (is_time_column(form))
		snprintf(text, FORM_TEXT, "> %.*f s", value < 10, value);
	else
		snprintf(text, FORM_TEXT, "<= %.*f", decimals, value);
	return text;
}
