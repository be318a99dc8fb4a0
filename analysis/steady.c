/*
 * steady.c - when connections were open and idle. See steady.h.
 */
#include "analysis/steady.h"

#include <stddef.h>

static bool overlaps(uint64_t begin, uint64_t end, uint64_t from, uint64_t to)
{
	return begin <= to && end >= from;
}

/* A phase that opens connections: the others are silence. */
static bool connects(const struct phase *phase)
{
	return phase->wanted && phase->wanted != RECORD_ABSENT;
}

/* Does it open or close any meanwhile? Without a time between the two it may, all along. */
static bool is_moving(const struct phase *phase, uint64_t from, uint64_t to)
{
	if (phase->established == RECORD_ABSENT || phase->closing == RECORD_ABSENT)
		return overlaps(phase->start, phase->end, from, to);
	return overlaps(phase->start, phase->established, from, to) ||
	       overlaps(phase->closing, phase->end, from, to);
}

/* By the phases: the newest one that began before, if it is over, has left its survivors. */
static bool agree_phases(const struct recording *recording, uint64_t from, uint64_t to,
			 uint64_t connections)
{
	const struct phase *last = NULL;

	for (size_t i = 0; i < recording->phase_count; i++) {
		const struct phase *phase = &recording->phases[i];

		if (!connects(phase))
			continue;
		if (is_moving(phase, from, to))
			return false;
		if (phase->start <= from)
			last = phase;
	}
	if (!last || last->end > from)
		return true;
	return last->survivors == RECORD_ABSENT || connections == last->survivors;
}

static bool says_open(const struct sample *sample)
{
	return sample->opened != RECORD_ABSENT && sample->closed != RECORD_ABSENT;
}

/* By the server: the samples around that time, and all between, say the same. */
static bool agree_samples(const struct recording *recording, uint64_t from, uint64_t to,
			  uint64_t connections)
{
	const struct sample *before = NULL;

	for (size_t i = 0; i < recording->sample_count; i++) {
		const struct sample *sample = &recording->samples[i];

		if (!says_open(sample))
			continue;
		if (sample->time <= from) {
			before = sample;
			continue;
		}
		if (before &&
		    (sample->opened != before->opened || sample->closed != before->closed))
			return false;
		if (sample->time >= to)
			break;
	}
	return !before || before->opened - before->closed == connections;
}

bool steady_between(const struct recording *recording, uint64_t from, uint64_t to,
		    uint64_t connections)
{
	return !operations_between(&recording->operations, from, to) &&
	       agree_phases(recording, from, to, connections) &&
	       agree_samples(recording, from, to, connections);
}
