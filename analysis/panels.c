/*
 * panels.c - which runs are drawn together. See panels.h.
 */
#include "analysis/panels.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double panels_seconds(const struct run *run, uint64_t time)
{
	uint64_t origin = recording_phase(&run->recording, "burst", 0)->start;

	return (double)(int64_t)(time - origin) / 1e9;
}

size_t panels_colour(const struct panels *panels, const struct run *run)
{
	size_t i = 0;

	while (i < panels->allocator_count &&
	       strcmp(panels->allocators[i], run->factors[FACTOR_ALLOCATOR]))
		i++;
	return i;
}

static bool belongs(const struct panel *panel, const struct run *run)
{
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (i != FACTOR_ALLOCATOR && strcmp(panel->runs[0]->factors[i], run->factors[i]))
			return false;
	return true;
}

/* The panel that the run belongs to, made when there is none yet. NULL: no memory. */
static struct panel *find_panel(struct panels *panels, const struct summary *summary,
				const struct run *run)
{
	const char *release = run->factors[FACTOR_RELEASE];
	struct panel *panel = panels->list;
	char label[SUMMARY_NOTE];

	for (; panel < panels->list + panels->count; panel++)
		if (belongs(panel, run))
			return panel;
	panel->runs = calloc(summary->count, sizeof(struct run *));
	if (!panel->runs)
		return NULL;
	panels->count++;
	summary_label(label, summary, run);
	snprintf(panel->title, sizeof(panel->title), "release %.32s%s%s", release,
		 *label ? ", " : "", label);
	snprintf(panel->file, sizeof(panel->file), "held-%zu-%.32s.svg", panels->count, release);
	for (char *c = panel->file; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '.')
			*c = '-';
	return panel;
}

static void add_allocator(struct panels *panels, const struct run *run)
{
	if (panels_colour(panels, run) == panels->allocator_count)
		panels->allocators[panels->allocator_count++] = run->factors[FACTOR_ALLOCATOR];
}

static void widen_axes(struct panels *panels, const struct run *run)
{
	const struct recording *recording = &run->recording;
	const struct phase *last = &recording->phases[recording->phase_count - 1];

	panels->from = fmin(panels->from, panels_seconds(run, recording->phases[0].start));
	panels->to = fmax(panels->to, panels_seconds(run, last->end));
	for (size_t i = 0; i < run->curve.count; i++)
		panels->top = fmax(panels->top, run->curve.points[i].value[CURVE_HELD] / 0x1p20);
}

int panels_build(struct panels *panels, const struct summary *summary)
{
	memset(panels, 0, sizeof(*panels));
	panels->list = calloc(summary->count + 1, sizeof(*panels->list));
	panels->allocators = calloc(summary->count + 1, sizeof(*panels->allocators));
	if (!panels->list || !panels->allocators)
		goto fail;
	for (size_t i = 0; i < summary->count; i++) {
		const struct run *run = summary->rows[i].first;
		struct panel *panel = find_panel(panels, summary, run);

		if (!panel)
			goto fail;
		panel->runs[panel->count++] = run;
		add_allocator(panels, run);
		widen_axes(panels, run);
	}
	return 0;
fail:
	panels_free(panels);
	return -ENOMEM;
}

void panels_free(struct panels *panels)
{
	for (size_t i = 0; i < panels->count; i++)
		free(panels->list[i].runs);
	free(panels->list);
	free(panels->allocators);
	memset(panels, 0, sizeof(*panels));
}
