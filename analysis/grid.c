/*
 * grid.c - aligned columns of text. See grid.h.
 */
#include "analysis/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

struct column {
	const char *group, *head, *unit;
	bool left;
	int width;
};

struct grid {
	struct column *columns;
	size_t column_count;
	char **cells;
	size_t cell_count;
	bool failed;
};

struct grid *grid_new(void)
{
	return calloc(1, sizeof(struct grid));
}

void grid_free(struct grid *grid)
{
	if (!grid)
		return;
	for (size_t i = 0; i < grid->cell_count; i++)
		free(grid->cells[i]);
	free(grid->cells);
	free(grid->columns);
	free(grid);
}

/* Characters, not bytes, of UTF-8. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

void grid_add_column(struct grid *grid, const char *group, const char *head, const char *unit,
		     bool left)
{
	size_t count = grid->column_count + 1;
	struct column *grown = reallocarray(grid->columns, count, sizeof(*grown));

	if (!grown) {
		grid->failed = true;
		return;
	}
	grid->columns = grown;
	grid->columns[grid->column_count++] =
		(struct column){ group, head, unit, left, MAX(width_of(head), width_of(unit)) };
}

void grid_add_cell(struct grid *grid, const char *text)
{
	char **grown = reallocarray(grid->cells, grid->cell_count + 1, sizeof(*grown));
	struct column *column;

	if (grown)
		grid->cells = grown;
	if (!grown || !grid->column_count || !(grown[grid->cell_count] = strdup(text))) {
		grid->failed = true;
		return;
	}
	column = &grid->columns[grid->cell_count++ % grid->column_count];
	column->width = MAX(column->width, width_of(text));
}

/* The end of the columns that share the group of the i-th, and how wide they are together. */
static size_t group_end(const struct grid *grid, size_t i, int *width)
{
	const char *group = grid->columns[i].group;
	size_t end = i + 1;

	*width = grid->columns[i].width;
	for (; *group && end < grid->column_count && !strcmp(grid->columns[end].group, group);
	     end++)
		*width += 2 + grid->columns[end].width;
	return end;
}

/* A group that is wider than its columns widens the first of them. */
static void print_groups(struct grid *grid, FILE *file)
{
	int blanks = 0, width;

	for (size_t i = 0, end; i < grid->column_count; i = end) {
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

/* Blanks are only printed when something follows them on the line. */
static void print_cell(const struct grid *grid, size_t i, const char *text, int *blanks, FILE *file)
{
	const struct column *column = &grid->columns[i];
	int padding = column->width - width_of(text);

	*blanks += (i ? 2 : 0) + (column->left ? 0 : padding);
	if (*text) {
		fprintf(file, "%*s%s", *blanks, "", text);
		*blanks = 0;
	}
	*blanks += column->left ? padding : 0;
}

static void print_heads(const struct grid *grid, FILE *file)
{
	int blanks = 0;

	for (size_t i = 0; i < grid->column_count; i++)
		print_cell(grid, i, grid->columns[i].head, &blanks, file);
	fputc('\n', file);
}

/* No line where no column has one. */
static void print_units(const struct grid *grid, FILE *file)
{
	bool any = false;
	int blanks = 0;

	for (size_t i = 0; i < grid->column_count; i++) {
		any |= *grid->columns[i].unit != '\0';
		print_cell(grid, i, grid->columns[i].unit, &blanks, file);
	}
	fputs(any ? "\n" : "", file);
}

int grid_print(struct grid *grid, FILE *file)
{
	int blanks = 0;

	if (grid->failed)
		return -ENOMEM;
	print_groups(grid, file);
	print_heads(grid, file);
	print_units(grid, file);
	for (size_t i = 0; i < grid->cell_count; i++) {
		print_cell(grid, i % grid->column_count, grid->cells[i], &blanks, file);
		if ((i + 1) % grid->column_count)
			continue;
		fputc('\n', file);
		blanks = 0;
	}
	return 0;
}
