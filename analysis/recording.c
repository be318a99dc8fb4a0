/*
 * recording.c - the CSV files of one run. See recording.h.
 */
#include "analysis/recording.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/rows.h"
#include "server/base/units.h"

/* Samples may begin and end a little inside what they should span: a late start, a busy machine. */
#define SPAN_SLACK NS_PER_S

/* Where the rows of a file carry their time. */
struct times {
	const char *name;
	const void *rows;
	size_t count, stride, offset;
};

static int check_ascent(const struct times *times, char why[RECORDING_WHY])
{
	uint64_t last = 0;

	for (size_t i = 0; i < times->count; i++) {
		uint64_t time;

		memcpy(&time, (const char *)times->rows + i * times->stride + times->offset,
		       sizeof(time));
		if (time == RECORD_ABSENT || time < last) {
			snprintf(why, RECORDING_WHY, "%s: the time in line %zu %s", times->name,
				 i + 3,
				 time == RECORD_ABSENT ? "is missing" : "lies before the last one");
			return -EBADMSG;
		}
		last = time;
	}
	return 0;
}

static int check_phases(const struct recording *recording, char why[RECORDING_WHY])
{
	for (size_t i = 0; i < recording->phase_count; i++) {
		const struct phase *phase = &recording->phases[i];

		if (phase->end != RECORD_ABSENT && phase->start <= phase->end)
			continue;
		snprintf(why, RECORDING_WHY, "phases.csv: line %zu has no end behind its start",
			 i + 3);
		return -EBADMSG;
	}
	if (!recording_phase(recording, "burst", 0)) {
		snprintf(why, RECORDING_WHY, "phases.csv: there is no burst in it");
		return -ENODATA;
	}
	if (!recording_phase(recording, "window", 0)) {
		snprintf(why, RECORDING_WHY, "phases.csv: no window follows the bursts");
		return -ENODATA;
	}
	return 0;
}

static int check_span(const struct recording *recording, char why[RECORDING_WHY])
{
	const struct phase *burst = recording_phase(recording, "burst", 0);
	const struct phase *window = recording_phase(recording, "window", 0);
	const struct sample *samples = recording->samples;
	size_t count = recording->sample_count;

	if (!count || samples[0].time > burst->start + SPAN_SLACK) {
		snprintf(why, RECORDING_WHY, "samples.csv begins after the first burst did");
		return -ENODATA;
	}
	if (samples[count - 1].time + SPAN_SLACK < window->end) {
		snprintf(why, RECORDING_WHY, "samples.csv ends before the window did");
		return -ENODATA;
	}
	return 0;
}

static int check(const struct recording *recording, char why[RECORDING_WHY])
{
	const struct times files[] = {
		{ "samples.csv", recording->samples, recording->sample_count, sizeof(struct sample),
		  offsetof(struct sample, time) },
		{ "rollups.csv", recording->rollups, recording->rollup_count, sizeof(struct rollup),
		  offsetof(struct rollup, time) },
		{ "phases.csv", recording->phases, recording->phase_count, sizeof(struct phase),
		  offsetof(struct phase, start) },
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !error; i++)
		error = check_ascent(&files[i], why);
	if (!error)
		error = check_phases(recording, why);
	if (!error)
		error = check_span(recording, why);
	return error;
}

int recording_load(struct recording *recording, const char *folder, char why[RECORDING_WHY])
{
	int error;

	memset(recording, 0, sizeof(*recording));
	error = rows_load(&record_samples, folder, "samples.csv", &recording->samples,
			  &recording->sample_count, why);
	if (!error)
		error = rows_load(&record_rollups, folder, "rollups.csv", &recording->rollups,
				  &recording->rollup_count, why);
	if (!error)
		error = rows_load(&record_phases, folder, "phases.csv", &recording->phases,
				  &recording->phase_count, why);
	if (!error)
		error = check(recording, why);
	if (!error)
		error = evidence_load(&recording->evidence, folder, why);
	if (!error)
		error = usage_load(&recording->usage, folder, why);
	if (!error)
		error = operations_load(&recording->operations, folder, why);
	if (!error)
		error = operations_check(&recording->operations, recording->phases,
					 recording->phase_count, why);
	if (error)
		recording_free(recording);
	return error;
}

void recording_free(struct recording *recording)
{
	free(recording->samples);
	free(recording->rollups);
	free(recording->phases);
	evidence_free(&recording->evidence);
	usage_free(&recording->usage);
	operations_free(&recording->operations);
	memset(recording, 0, sizeof(*recording));
}

const struct phase *recording_phase(const struct recording *recording, const char *name, size_t i)
{
	for (size_t j = 0; j < recording->phase_count; j++)
		if (!strcmp(recording->phases[j].name, name) && i-- == 0)
			return &recording->phases[j];
	return NULL;
}
