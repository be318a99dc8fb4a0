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
#include <sys/param.h>

void panels_key(struct figure *figure, const struct panel *panel)
{
	figure->key_entries = panel->count;
	for (size_t i = 0; i < panel->count; i++)
		figure->key_longest = MAX(figure->key_longest,
					  strlen(panel->runs[i]->factors[FACTOR_ALLOCATOR]));
}

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

static void name_panel(struct panel *panel, const struct summary *summary, const struct run *run,
		       size_t number)
{
	const char *release = run->factors[FACTOR_RELEASE];
	char label[SUMMARY_NOTE];

	summary_label(label, summary, run);
	snprintf(panel->title, sizeof(panel->title), "release %.32s%s%s", release,
		 *label ? ", " : "", label);
	snprintf(panel->name, sizeof(panel->name), "%zu-%.32s", number, release);
	for (char *c = panel->name; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '-';
}

/* The panel that the run belongs to, made when there is none yet. NULL: no memory. */
static struct panel *find_panel(struct panels *panels, const struct summary *summary,
				const struct run *run)
{
	struct panel *panel = panels->list;

	for (; panel < panels->list + panels->count; panel++)
		if (belongs(panel, run))
			return panel;
	panels->count++;
	panel->runs = calloc(summary->count, sizeof(*panel->runs));
	panel->rows = calloc(summary->count, sizeof(*panel->rows));
	if (!panel->runs || !panel->rows)
		return NULL;
	name_panel(panel, summary, run, panels->count);
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

static bool is_preferred(const struct panel *panel, const struct summary *summary,
			 const bool *preferred)
{
	for (size_t i = 0; preferred && i < panel->count; i++)
		if (preferred[panel->rows[i] - summary->rows])
			return true;
	return false;
}

static void free_panel(struct panel *panel)
{
	free(panel->runs);
	free(panel->rows);
}

/* The order stays. */
static void leave_out(struct panels *panels, const struct summary *summary, const bool *preferred)
{
	size_t chosen = 0, used = 0;

	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < panels->count && chosen < PANELS_MOST; i++) {
			struct panel *panel = &panels->list[i];

			if (panel->chosen ||
			    (!turn && i && !is_preferred(panel, summary, preferred)))
				continue;
			panel->chosen = true;
			chosen++;
		}
	for (size_t i = 0; i < panels->count; i++) {
		if (panels->list[i].chosen)
			panels->list[used++] = panels->list[i];
		else
			free_panel(&panels->list[i]);
	}
	panels->left_out = panels->count - used;
	panels->count = used;
}

static bool is_native(const struct run *run)
{
	return !strcmp(run->factors[FACTOR_RELEASE], "native");
}

static int add_row(struct panels *panels, const struct summary *summary,
		   const struct summary_row *row)
{
	struct panel *panel = find_panel(panels, summary, row->first);

	if (!panel)
		return -ENOMEM;
	panel->rows[panel->count] = row;
	panel->runs[panel->count++] = row->first;
	return 0;
}

int panels_build(struct panels *panels, const struct summary *summary, const bool *preferred)
{
	memset(panels, 0, sizeof(*panels));
	panels->list = calloc(summary->count + 1, sizeof(*panels->list));
	panels->allocators = calloc(summary->count + 1, sizeof(*panels->allocators));
	if (!panels->list || !panels->allocators)
		goto fail;
	/* The controls first. */
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < summary->count; i++)
			if (is_native(summary->rows[i].first) == !turn &&
			    add_row(panels, summary, &summary->rows[i]))
				goto fail;
	for (size_t i = 0; i < summary->count; i++)
		add_allocator(panels, summary->rows[i].first);
	leave_out(panels, summary, preferred);
	for (size_t i = 0; i < panels->count; i++)
		for (size_t j = 0; j < panels->list[i].count; j++)
			widen_axes(panels, panels->list[i].runs[j]);
	return 0;
fail:
	panels_free(panels);
	return -ENOMEM;
}

void panels_free(struct panels *panels)
{
	for (size_t i = 0; i < panels->count; i++)
		free_panel(&panels->list[i]);
	free(panels->list);
	free(panels->allocators);
	memset(panels, 0, sizeof(*panels));
}
