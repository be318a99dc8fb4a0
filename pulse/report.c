/*
 * report.c - what pulse says of a phase that is over. See report.h.
 */
#include "pulse/report.h"

#include <errno.h>
#include <inttypes.h>

#include "pulse/losses.h"
#include "server/base/process.h"
#include "server/base/units.h"

#define DURATION_TEXT 24 /* room for any duration */

int pulse_report_open(struct pulse_report *report, const char *path, FILE *table, bool talks)
{
	*report = (struct pulse_report){ .table = table, .talks = talks };
	if (!path)
		return 0;
	report->record = fopen(path, "we");
	if (!report->record)
		return -errno;
	record_begin(&record_phases, report->record);
	return fflush(report->record) ? -errno : 0;
}

/* RECORD_ABSENT is shown as a dash. */
static const char *show_duration(char text[DURATION_TEXT], uint64_t ns)
{
	if (ns == RECORD_ABSENT)
		return "-";
	return format_duration(text, DURATION_TEXT, (double)ns);
}

static uint64_t establishing(const struct phase *phase)
{
	return phase->connected ? phase->established - phase->start : RECORD_ABSENT;
}

static double rate(const struct phase *phase)
{
	return phase->connected ? (double)phase->connected * 1e9 / (double)establishing(phase) : 0;
}

static void write_head(FILE *file)
{
	fprintf(file, "%-12s %13s %9s %9s %9s %9s %9s  %s\n", "phase", "established", "in",
		"a second", "p50", "p99", "max", "lost");
}

static void write_row(FILE *file, const struct phase *phase)
{
	char name[RECORD_NAME + 24], established[48], lost[LOSSES_TEXT];
	char took[DURATION_TEXT], p50[DURATION_TEXT], p99[DURATION_TEXT], max[DURATION_TEXT];

	snprintf(name, sizeof(name), "%s %" PRIu64, phase->name, phase->number);
	snprintf(established, sizeof(established), "%" PRIu64 "/%" PRIu64, phase->connected,
		 phase->wanted);
	fprintf(file, "%-12s %13s %9s %9.0f %9s %9s %9s  %s\n", name, established,
		show_duration(took, establishing(phase)), rate(phase),
		show_duration(p50, phase->connect_p50), show_duration(p99, phase->connect_p99),
		show_duration(max, phase->connect_max), losses_describe(lost, sizeof(lost), phase));
	fflush(file);
}

static void say_pulse(const struct phase *phase)
{
	char took[DURATION_TEXT], p99[DURATION_TEXT], closing[DURATION_TEXT], lost[LOSSES_TEXT];

	process_say("%s %" PRIu64 ": %" PRIu64 "/%" PRIu64 " established in %s, connect p99 %s, "
		    "closed in %s, %" PRIu64 " stay, lost: %s",
		    phase->name, phase->number, phase->connected, phase->wanted,
		    show_duration(took, establishing(phase)),
		    show_duration(p99, phase->connect_p99),
		    show_duration(closing, phase->end - phase->closing), phase->survivors,
		    losses_describe(lost, sizeof(lost), phase));
}

static void say_rest(const struct phase *phase)
{
	char took[DURATION_TEXT], lost[LOSSES_TEXT];

	process_say("%s %" PRIu64 ": %s, %" PRIu64 " stay, lost: %s", phase->name, phase->number,
		    show_duration(took, phase->end - phase->start), phase->survivors,
		    losses_describe(lost, sizeof(lost), phase));
}

int pulse_report_record(struct pulse_report *report, const struct phase *phase)
{
	if (!report->record)
		return 0;
	record_append(&record_phases, report->record, phase);
	return fflush(report->record) ? -errno : 0;
}

void pulse_report_show(struct pulse_report *report, const struct phase *phase)
{
	if (phase->wanted && report->table) {
		if (!report->rows++)
			write_head(report->table);
		write_row(report->table, phase);
	}
	if (!report->talks)
		return;
	if (phase->wanted)
		say_pulse(phase);
	else
		say_rest(phase);
}

int pulse_report_close(struct pulse_report *report)
{
	if (!report->record)
		return 0;
	return fclose(report->record) ? -errno : 0;
}
