/*
 * compare_print.c - a comparison as a table for people, and as JSON. See compare.h.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "analysis/compare.h"
#include "analysis/forms.h"
#include "analysis/grid.h"
#include "analysis/names.h"
#include "analysis/table.h"

#define VERSION 1

/*
 * What the questions of difference.h turn on, and what is read beside it. The last three only where
 * something was said on the connections.
 */
static const enum metric compared[] = { METRIC_WASTE,	   METRIC_FLOOR,	 METRIC_CPU,
					METRIC_LAST_P99,   METRIC_CPU_OPERATION, METRIC_OPERATIONS,
					METRIC_LATENCY_P99 };

#define COMPARED (sizeof(compared) / sizeof(compared[0]))
#define TALKING	 3

struct lines {
	FILE *file;
	const char *title; /* printed before the first line */
};

static void begin_line(struct lines *lines)
{
	if (lines->title)
		fprintf(lines->file, "\n%s\n", lines->title);
	lines->title = NULL;
}

static void print_circumstance(void *context, const char *what, const char *a, const char *b)
{
	begin_line(context);
	fprintf(((struct lines *)context)->file, "  %s: %s -> %s\n", what, a, b);
}

static void print_obstacle(void *context, const char *text)
{
	begin_line(context);
	fprintf(((struct lines *)context)->file, "  %s\n", text);
}

static bool is_shown(const struct comparison *comparison, int factor)
{
	return comparison->a->shown[factor] || comparison->b->shown[factor];
}

static size_t count_compared(const struct comparison *comparison)
{
	return summary_talks(comparison->a) || summary_talks(comparison->b) ? COMPARED
									    : COMPARED - TALKING;
}

static void add_row(struct grid *grid, const struct comparison *comparison,
		    const struct comparison_row *row)
{
	char text[FORM_DIFFERENCE], brief[BRIEF_ROOM];

	for (int i = 0; i < FACTOR_COUNT; i++)
		if (is_shown(comparison, i))
			grid_add_cell(grid, names_brief(brief, comparison->b, row->b, i));
	snprintf(text, sizeof(text), "%zu, %zu", row->a->runs, row->b->runs);
	grid_add_cell(grid, text);
	for (size_t i = 0; i < count_compared(comparison); i++) {
		const struct metric_form *form = form_of(compared[i]);

		grid_add_cell(grid, form_write(text, form, &row->a->metrics[compared[i]]));
		grid_add_cell(grid, form_write(text, form, &row->b->metrics[compared[i]]));
		grid_add_cell(grid, form_difference(text, form, &row->differences[compared[i]]));
	}
}

static int print_rows(const struct comparison *comparison, FILE *file)
{
	struct grid *grid = grid_new();
	char groups[COMPARED][64];
	int error;

	if (!grid)
		return -ENOMEM;
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (is_shown(comparison, i))
			grid_add_column(grid, "", factor_name((enum factor)i), "", true);
	grid_add_column(grid, "", "runs", "", false);
	for (size_t i = 0; i < count_compared(comparison); i++) {
		const struct metric_form *form = form_of(compared[i]);

		snprintf(groups[i], sizeof(groups[i]), "%s%s%s%s%s", form->group,
			 *form->group ? " " : "", form->head, *form->unit ? ", " : "", form->unit);
		grid_add_column(grid, groups[i], "A", "", false);
		grid_add_column(grid, groups[i], "B", "", false);
		grid_add_column(grid, groups[i], "B - A", "", false);
	}
	for (size_t i = 0; i < comparison->count; i++)
		add_row(grid, comparison, &comparison->rows[i]);
	fputc('\n', file);
	error = grid_print(grid, file);
	grid_free(grid);
	return error;
}

/* Rows of one side without a like on the other. */
static void print_single(const struct comparison *comparison, const struct summary *summary,
			 const char *title, FILE *file)
{
	struct lines lines = { file, title };

	for (size_t i = 0; i < summary->count; i++) {
		const struct summary_row *row = &summary->rows[i];
		char label[SUMMARY_NOTE];

		if (comparison_holds(comparison, row))
			continue;
		begin_line(&lines);
		summary_label(label, summary, row->first);
		fprintf(file, "  %s %s%s%s\n", row->first->factors[FACTOR_ALLOCATOR],
			row->first->factors[FACTOR_RELEASE], *label ? ", " : "", label);
	}
}

int comparison_print(const struct comparison *comparison, FILE *file)
{
	struct lines obstacles = { file, "Not comparable, and compared all the same:" };
	struct lines circumstances = { file, "What else differs, A -> B:" };
	int error;

	fprintf(file, "A: %s\nB: %s\n", comparison->a->experiment->directory,
		comparison->b->experiment->directory);
	comparison_obstacles(comparison, print_obstacle, &obstacles);
	comparison_circumstances(comparison, print_circumstance, &circumstances);
	error = print_rows(comparison, file);
	fprintf(file,
		"\nMedians, and the difference of them with the range that holds with 95 %% for what "
		"is kept (waste, floor)\nand what it costs (CPU, connect) together, with 94 %% where "
		"there are answers as well. A difference\nwithout a range: too few repeats to tell "
		"it from noise; %zu on both sides are needed for memory, %zu for\nthe others. Cannot "
		"tell: the windows were too short.\n",
		question_needs(QUESTION_KEPT), question_needs(QUESTION_COST));
	names_print_cut(comparison->b, file);
	print_single(comparison, comparison->a, "Only in A:", file);
	print_single(comparison, comparison->b, "Only in B:", file);
	return error ? error : ferror(file) ? -EIO : 0;
}

static void add_circumstance(void *array, const char *what, const char *a, const char *b)
{
	json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "what", what, "a", a, "b", b));
}

static void add_obstacle(void *array, const char *text)
{
	json_array_append_new(array, json_string(text));
}

/* "control" of a difference is the median in a, "median" that of b less it. */
static json_t *describe_row(const struct comparison_row *row)
{
	json_t *object = json_pack("{s:o, s:o, s:I, s:I, s:o, s:o, s:o}", "a",
				   table_factors(row->a), "b", table_factors(row->b), "runs_a",
				   (json_int_t)row->a->runs, "runs_b", (json_int_t)row->b->runs,
				   "kept", table_answer(row->differences, QUESTION_KEPT), "cost",
				   table_answer(row->differences, QUESTION_COST), "answers",
				   table_answer(row->differences, QUESTION_ANSWERS));

	json_object_set_new(object, "differences", table_differences(row->differences));
	return object;
}

static json_t *list_single(const struct comparison *comparison, const struct summary *summary)
{
	json_t *array = json_array();

	for (size_t i = 0; i < summary->count; i++)
		if (!comparison_holds(comparison, &summary->rows[i]))
			json_array_append_new(array, table_factors(&summary->rows[i]));
	return array;
}

json_t *comparison_json(const struct comparison *comparison)
{
	json_t *obstacles = json_array(), *circumstances = json_array(), *list = json_array();

	comparison_obstacles(comparison, add_obstacle, obstacles);
	comparison_circumstances(comparison, add_circumstance, circumstances);
	for (size_t i = 0; i < comparison->count; i++)
		json_array_append_new(list, describe_row(&comparison->rows[i]));
	return json_pack(
		"{s:s, s:i, s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "format", "tidemark comparison",
		"version", VERSION, "a", comparison->a->experiment->directory, "b",
		comparison->b->experiment->directory, "not_comparable", obstacles, "environment",
		circumstances, "rows", list, "only_a", list_single(comparison, comparison->a),
		"only_b", list_single(comparison, comparison->b));
}
