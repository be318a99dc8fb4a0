/*
 * table.c - an experiment as a table for people. See table.h.
 */
#include "analysis/table.h"

#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/forms.h"
#include "analysis/notes.h"

#define COLUMNS 40 /* more than there are factors and metrics */

struct column {
	const char *group, *head, *unit;
	const struct metric_form *form; /* NULL for a factor or the number of runs */
	int factor;			/* -1: the number of runs */
	int width;
};

struct grid {
	const struct summary *summary;
	enum form_block block;
	struct column columns[COLUMNS];
	size_t count;
};

/* Characters, not bytes, of UTF-8. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static const char *cell(const struct column *column, const struct summary_row *row,
			char text[FORM_TEXT])
{
	if (column->form)
		return form_write(text, column->form, &row->metrics[column->form->metric]);
	if (column->factor >= 0)
		return row->first->factors[column->factor];
	snprintf(text, FORM_TEXT, "%zu", row->runs);
	return text;
}

static void add_column(struct grid *grid, struct column column)
{
	char text[FORM_TEXT];

	column.width = MAX(width_of(column.head), width_of(column.unit));
	for (size_t i = 0; i < grid->summary->count; i++)
		column.width = MAX(column.width,
				   width_of(cell(&column, &grid->summary->rows[i], text)));
	grid->columns[grid->count++] = column;
}

static void add_columns(struct grid *grid)
{
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (grid->summary->shown[i])
			add_column(grid,
				   (struct column){ "", factor_name((enum factor)i), "", NULL, i });
	if (grid->summary->repeated)
		add_column(grid, (struct column){ "", "runs", "", NULL, -1 });
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (summary_shows(grid->summary, form, grid->block))
			add_column(grid, (struct column){ form->group, form->head, form->unit, form,
							  -1 });
}

/* The end of the columns that share the group of the i-th, and how wide they are together. */
static size_t group_end(const struct grid *grid, size_t i, int *width)
{
	const char *group = grid->columns[i].group;
	size_t end = i + 1;

	*width = grid->columns[i].width;
	for (; *group && end < grid->count && !strcmp(grid->columns[end].group, group); end++)
		*width += 2 + grid->columns[end].width;
	return end;
}

/* A group that is wider than its columns widens the first of them. */
static void print_groups(struct grid *grid, FILE *file)
{
	int blanks = 0, width;

	for (size_t i = 0, end; i < grid->count; i = end) {
		int text = width_of(grid->columns[i].group);

		end = group_end(grid, i, &width);
		if (text > width) {
			grid->columns[i].width += text - width;
			width = text;
		}
		blanks += i ? 2 : 0;
		if (text) {
			fprintf(file, "%*s%s", blanks + (width - text + 1) / 2, "",
				grid->columns[i].group);
			blanks = (width - text) / 2;
		} else {
			blanks += width;
		}
	}
	fputc('\n', file);
}

static void print_cell(const struct grid *grid, size_t i, const char *text, FILE *file)
{
	const struct column *column = &grid->columns[i];
	int padding = column->width - width_of(text);
	bool left = !column->form && column->factor >= 0;

	fprintf(file, "%s%*s%s%*s", i ? "  " : "", left ? 0 : padding, "", text, left ? padding : 0,
		"");
}

static void print_grid(struct grid *grid, FILE *file)
{
	char text[FORM_TEXT];

	print_groups(grid, file);
	for (size_t i = 0; i < grid->count; i++)
		print_cell(grid, i, grid->columns[i].head, file);
	fputc('\n', file);
	for (size_t i = 0; i < grid->count; i++)
		print_cell(grid, i, grid->columns[i].unit, file);
	fputc('\n', file);
	for (size_t row = 0; row < grid->summary->count; row++) {
		for (size_t i = 0; i < grid->count; i++)
			print_cell(grid, i,
				   cell(&grid->columns[i], &grid->summary->rows[row], text), file);
		fputc('\n', file);
	}
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
		summary->repeated ? " Each row: medians of its runs." : "");
}

static void print_ledger_legend(FILE *file)
{
	fprintf(file,
		"\nOf the whole run: anonymous memory that the kernel really took back, in calls "
		"of the policy and in all others.\n"
		"refault: pages that the last burst faulted in, over those given back before it. "
		"connection: kernel memory at the\n"
		"server's end. ?: too low or uncertain, the probe lost something (see below).\n");
}

static void print_block(const struct summary *summary, enum form_block block, FILE *file)
{
	struct grid grid = { .summary = summary, .block = block };

	add_columns(&grid);
	print_grid(&grid, file);
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

int table_print(const struct experiment *experiment, FILE *file)
{
	struct summary summary;
	int error = summary_build(&summary, experiment);

	if (error)
		return error;
	if (summary.count) {
		print_block(&summary, FORM_HELD, file);
		print_held_legend(&summary, file);
		fputs("\nWho gave it back, and what the kernel holds:\n\n", file);
		print_block(&summary, FORM_LEDGER, file);
		print_ledger_legend(file);
		notes_each(&summary, print_note, file);
	}
	if (summary.voids) {
		fputs(summary.count ? "\n" : "", file);
		print_voids(experiment, file);
	}
	summary_free(&summary);
	return ferror(file) ? -EIO : 0;
}
