/*
 * table.c - an experiment as a table for people. See table.h.
 */
#include "analysis/table.h"

#include "analysis/forms.h"
#include "analysis/grid.h"
#include "analysis/names.h"
#include "analysis/notes.h"
#include <errno.h>

static void add_factors(struct grid *grid, const struct summary *summary)
{
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (summary->shown[i])
			grid_add_column(grid, "", factor_name((enum factor)i), "", true);
}

static void add_names(struct grid *grid, const struct summary *summary,
		      const struct summary_row *row)
{
	char brief[BRIEF_ROOM];

	for (int i = 0; i < FACTOR_COUNT; i++)
		if (summary->shown[i])
			grid_add_cell(grid, row ? names_brief(brief, summary, row, i) : "");
}

static void add_medians(struct grid *grid, const struct summary *summary, enum form_block block,
			const struct summary_row *row)
{
	char text[FORM_TEXT];

	add_names(grid, summary, row);
	if (summary->repeated) {
		snprintf(text, sizeof(text), "%zu", row->runs);
		grid_add_cell(grid, text);
	}
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (summary_shows(summary, form, block))
			grid_add_cell(grid, form_write(text, form, &row->metrics[form->metric]));
}

/* Below the medians: how far they can be trusted. */
static void add_spreads(struct grid *grid, const struct summary *summary, enum form_block block,
			const struct summary_row *row)
{
	char text[FORM_TEXT];

	add_names(grid, summary, NULL);
	grid_add_cell(grid, "");
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (summary_shows(summary, form, block))
			grid_add_cell(grid, form_spread(text, form, &row->metrics[form->metric],
							&row->intervals[form->metric]));
}

static int print_block(const struct summary *summary, enum form_block block, FILE *file)
{
	struct grid *grid = grid_new();
	int error;

	if (!grid)
		return -ENOMEM;
	add_factors(grid, summary);
	if (summary->repeated)
		grid_add_column(grid, "", "runs", "", false);
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (summary_shows(summary, form, block))
			grid_add_column(grid, form->group, form->head, form->unit, false);
	for (size_t i = 0; i < summary->count; i++) {
		add_medians(grid, summary, block, &summary->rows[i]);
		if (summary->rows[i].runs > 1)
			add_spreads(grid, summary, block, &summary->rows[i]);
	}
	error = grid_print(grid, file);
	grid_free(grid);
	return error;
}

enum metric table_contrasted(const struct summary *summary, size_t i)
{
	static const enum metric always[] = { METRIC_WASTE, METRIC_FLOOR, METRIC_T90, METRIC_CPU,
					      METRIC_LAST_P99 };
	static const enum metric talking[] = { METRIC_CPU_OPERATION, METRIC_OPERATIONS,
					       METRIC_LATENCY_P99 };
	const size_t count = sizeof(always) / sizeof(always[0]);

	if (i < count)
		return always[i];
	i -= count;
	return summary_talks(summary) && i < sizeof(talking) / sizeof(talking[0]) ? talking[i]
										  : METRIC_COUNT;
}

static void add_differences(struct grid *grid, const struct summary *summary,
			    const struct summary_row *row)
{
	char text[FORM_DIFFERENCE], allocator[BRIEF_ROOM], release[BRIEF_ROOM];
	char control[2 * BRIEF_ROOM];
	enum metric metric;

	add_names(grid, summary, row);
	snprintf(control, sizeof(control), "%s %s",
		 names_brief(allocator, summary, row->control, FACTOR_ALLOCATOR),
		 names_brief(release, summary, row->control, FACTOR_RELEASE));
	grid_add_cell(grid, control);
	for (size_t i = 0; (metric = table_contrasted(summary, i)) < METRIC_COUNT; i++)
		grid_add_cell(grid,
			      form_difference(text, form_of(metric), &row->differences[metric]));
}

static int print_contrast(const struct summary *summary, FILE *file)
{
	struct grid *grid = grid_new();
	enum metric metric;
	int error;

	if (!grid)
		return -ENOMEM;
	add_factors(grid, summary);
	grid_add_column(grid, "", "against", "", true);
	for (size_t i = 0; (metric = table_contrasted(summary, i)) < METRIC_COUNT; i++) {
		const struct metric_form *form = form_of(metric);

		grid_add_column(grid, form->group, form->head, form->unit, false);
	}
	for (size_t i = 0; i < summary->count; i++)
		if (summary->rows[i].control)
			add_differences(grid, summary, &summary->rows[i]);
	error = grid_print(grid, file);
	grid_free(grid);
	return error;
}

static void print_held_legend(const struct summary *summary, FILE *file)
{
	fprintf(file,
		"\nOf the last burst. Held is anonymous resident memory, less LazyFree, plus swap. "
		"peak: its most; floor: its lowest\n"
		"one-second median after the last close. retention: share of what the burst added "
		"that is still held, but unused.\n"
		"T50, T90: when half, nine tenths of that was gone. waste: unused memory x time. "
		"ratchet: rise of the floor per burst.\n"
		"stall: longest release. >, <=: censored (not reached in the window). "
		"-: not available.%s\n",
		summary->repeated
			? "\nEach row: medians of its runs; ±: to the farther end of their "
			  "95 % interval (of less than 6 runs: of\ntheir range)."
			: "");
}

static void print_ledger_legend(FILE *file)
{
	fprintf(file,
		"\nOf the whole run: anonymous memory that the kernel really took back, in calls "
		"of the policy and in all others.\n"
		"refault: pages that the last burst faulted in, over those given back before it. "
		"connection: kernel memory at the\n"
		"server's end; CPU time of the server in the last burst. ?: too low or uncertain, the probe lost something (see below).\n");
}

static void print_traffic_legend(FILE *file)
{
	fprintf(file,
		"\nOf the last burst, while its connections were open. latency: from when an "
		"operation was planned until it was answered;\n"
		"of a feed, how late chunks came. operation: CPU time of the server in that time, "
		"over the operations.\n");
}

static void print_contrast_legend(FILE *file)
{
	fprintf(file,
		"\nMedians of the differences to the control in the same block (the range that holds "
		"with 95 %% for both\nquestions of a row together, 94 %% with traffic for all three). "
		"Where waste does not differ, nothing\nis said of the other memory figures, where "
		"CPU time does not, nothing of connect times, and where that of\nan operation does "
		"not, nothing of throughput and latency. A figure without a range: too few repeats to tell;\n%zu are "
		"needed for memory, %zu for the others. Cannot tell: the window was too short.\n",
		question_needs(QUESTION_KEPT), question_needs(QUESTION_COST));
}

static void print_note(void *file, const char *text)
{
	fprintf(file, "%s\n", text);
}

static void print_voids(const struct experiment *experiment, FILE *file)
{
	for (size_t i = 0; i < experiment->count; i++)
		if (experiment->runs[i].is_void)
			fprintf(file, "void: %s: %s\n", experiment->runs[i].name,
				experiment->runs[i].reason);
}

bool table_has_contrast(const struct summary *summary)
{
	for (size_t i = 0; summary->repeated && i < summary->count; i++)
		if (summary->rows[i].control)
			return true;
	return false;
}

static int print_blocks(const struct summary *summary, FILE *file)
{
	int error = print_block(summary, FORM_HELD, file);

	print_held_legend(summary, file);
	if (!error && table_has_contrast(summary)) {
		fputs("\nAgainst the control:\n\n", file);
		error = print_contrast(summary, file);
		print_contrast_legend(file);
	}
	fputs("\nWho gave it back, and what the kernel holds:\n\n", file);
	if (!error)
		error = print_block(summary, FORM_LEDGER, file);
	print_ledger_legend(file);
	if (!error && summary_talks(summary)) {
		fputs("\nWhat was asked and answered:\n\n", file);
		error = print_block(summary, FORM_TRAFFIC, file);
		print_traffic_legend(file);
	}
	notes_each(summary, print_note, file);
	names_print_cut(summary, file);
	return error;
}

int table_print(const struct experiment *experiment, FILE *file)
{
	struct summary summary;
	int error = summary_build(&summary, experiment);

	if (error)
		return error;
	if (summary.count)
		error = print_blocks(&summary, file);
	if (summary.voids) {
		fputs(summary.count ? "\n" : "", file);
		print_voids(experiment, file);
	}
	summary_free(&summary);
	return error ? error : ferror(file) ? -EIO : 0;
}
