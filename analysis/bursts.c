/*
 * bursts.c - the bursts of a run. See bursts.h.
 */
#include "analysis/bursts.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

static bool is_named(const struct phase *phase, const char *name)
{
	return !strcmp(phase->name, name);
}

static uint64_t find_end(const struct recording *recording, size_t burst)
{
	const struct phase *phase = &recording->phases[burst];
	const struct phase *next = phase + 1;

	if (burst + 1 < recording->phase_count &&
	    (is_named(next, "gap") || is_named(next, "window")))
		return next->end;
	return phase->end;
}

static uint64_t find_last_close(const struct recording *recording, const struct burst *burst)
{
	uint64_t last = 0;

	for (size_t i = 0; i < recording->sample_count; i++) {
		const struct sample *sample = &recording->samples[i];

		if (sample->time < burst->phase->start || sample->last_close == RECORD_ABSENT)
			continue;
		if (sample->time > burst->end)
			break;
		last = MAX(last, sample->last_close);
	}
	if (last < burst->phase->start)
		last = burst->phase->end;
	return MIN(last, burst->end);
}

int bursts_find(const struct recording *recording, struct burst **bursts, size_t *count)
{
	*count = 0;
	*bursts = calloc(MAX(recording->phase_count, 1u), sizeof(**bursts));
	if (!*bursts)
		return -ENOMEM;
	for (size_t i = 0; i < recording->phase_count; i++) {
		struct burst *burst = &(*bursts)[*count];

		if (!is_named(&recording->phases[i], "burst"))
			continue;
		burst->phase = &recording->phases[i];
		burst->end = find_end(recording, i);
		burst->last_close = find_last_close(recording, burst);
		(*count)++;
	}
	if (*count)
		return 0;
	free(*bursts);
	*bursts = NULL;
	return -ENODATA;
}

uint64_t bursts_shortest_quiet(const struct burst *bursts, size_t count)
{
	uint64_t shortest = UINT64_MAX;

	for (size_t i = 0; i < count; i++)
		shortest = MIN(shortest, bursts[i].end - bursts[i].last_close);
	return shortest;
}

size_t bursts_count(const struct recording *recording)
{
	size_t count = 0;

	while (recording_phase(recording, "burst", count))
		count++;
	return count;
}
