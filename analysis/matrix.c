/*
 * matrix.c - the cells of an experiment and their order. See matrix.h.
 */
#include "analysis/matrix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/values.h"

/* xorshift64*, Vigna 2016: a few good bits from a seed, the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

static void shuffle(struct cell *cells, size_t count, uint64_t *state)
{
	for (size_t i = count; i > 1; i--) {
		size_t other = (next_random(state) >> 11) % i;
		struct cell cell = cells[i - 1];

		cells[i - 1] = cells[other];
		cells[other] = cell;
	}
}

/* Where a set is restricted ("jemalloc:dirty_decay_ms=0"): the length of the allocator's name. */
static size_t restriction(const char *tune)
{
	size_t length = strcspn(tune, ":=");

	return tune[length] == ':' ? length : 0;
}

/* "jemalloc" is also for jemalloc@dev. */
static bool is_for(const char *tune, const char *allocator)
{
	size_t length = restriction(tune);

	return !length || (!strncmp(tune, allocator, length) &&
			   (!allocator[length] || allocator[length] == '@'));
}

/*
 * A server that is not ours has nothing that could be set in it: it stands beside our control, and
 * where there is none, beside the first value.
 */
static bool suits_foreign(const struct matrix *matrix, const size_t index[CELL_FACTORS])
{
	for (int i = 0; i < CELL_FACTORS; i++) {
		const struct cell_row *row = cell_row((enum cell_factor)i);

		if (!row->server)
			continue;
		if (row->control ? strcmp(matrix->values[i].items[index[i]], row->standard) != 0
				 : index[i] > 0)
			return false;
	}
	return true;
}

/* Sets the cell of these values. Returns whether they go together. */
static bool set_cell(struct cell *cell, const struct matrix *matrix,
		     const size_t index[CELL_FACTORS])
{
	size_t ours = matrix->values[CELL_ALLOCATOR].count - matrix->commands.count;
	size_t allocator = index[CELL_ALLOCATOR];

	*cell = (struct cell){ 0 };
	for (int i = 0; i < CELL_FACTORS; i++)
		cell->values[i] = matrix->values[i].items[index[i]];
	if (allocator >= ours) {
		cell->command = matrix->commands.items[allocator - ours];
		return suits_foreign(matrix, index);
	}
	if (allocator < matrix->libraries.count && *matrix->libraries.items[allocator])
		cell->library = matrix->libraries.items[allocator];
	if (!is_for(cell->values[CELL_TUNE], cell->values[CELL_ALLOCATOR]))
		return false;
	/* Without workers there is but one cell for all their counts. */
	if (!cell_has_workers(cell->values[CELL_ARCH])) {
		if (index[CELL_WORKERS])
			return false;
		cell->values[CELL_WORKERS] = cell_row(CELL_WORKERS)->standard;
	}
	if (restriction(cell->values[CELL_TUNE]))
		cell->values[CELL_TUNE] += restriction(cell->values[CELL_TUNE]) + 1;
	return true;
}

/* Counts on, the last factor fastest. Returns whether there is a next one. */
static bool count_on(const struct matrix *matrix, size_t index[CELL_FACTORS])
{
	for (int i = CELL_FACTORS - 1; i >= 0; i--) {
		if (++index[i] < matrix->values[i].count)
			return true;
		index[i] = 0;
	}
	return false;
}

static size_t block_size(const struct matrix *matrix)
{
	size_t index[CELL_FACTORS] = { 0 };
	struct cell cell;
	size_t count = 0;

	do
		count += set_cell(&cell, matrix, index);
	while (count_on(matrix, index));
	return count;
}

static void fill_block(const struct matrix *matrix, struct cell *cells, uint64_t repeat)
{
	size_t index[CELL_FACTORS] = { 0 };
	struct cell cell;

	do {
		if (!set_cell(&cell, matrix, index))
			continue;
		cell.repeat = repeat;
		*cells++ = cell;
	} while (count_on(matrix, index));
}

/* Returns 0 or -ENOMEM. */
static int name_cells(struct matrix *matrix)
{
	bool varies[CELL_FACTORS] = { 0 };
	char name[CELL_NAME];
	int error = 0;

	for (size_t i = 1; i < matrix->count; i++)
		for (int j = 0; j < CELL_FACTORS; j++)
			varies[j] |= strcmp(matrix->cells[i].values[j],
					    matrix->cells[0].values[j]) != 0;
	for (size_t i = 0; i < matrix->count && !error; i++) {
		cell_describe(&matrix->cells[i], varies, name);
		error = list_add(&matrix->strings, name);
		if (!error)
			matrix->cells[i].name = matrix->strings.items[matrix->strings.count - 1];
	}
	return error;
}

static int build_cells(struct matrix *matrix, uint64_t repeat, uint64_t seed)
{
	size_t block = block_size(matrix);
	uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1; /* never 0 for small seeds */

	matrix->cells = calloc(block * repeat, sizeof(*matrix->cells));
	if (!matrix->cells)
		return -ENOMEM;
	matrix->count = block * repeat;
	for (uint64_t r = 0; r < repeat; r++) {
		fill_block(matrix, matrix->cells + r * block, r + 1);
		shuffle(matrix->cells + r * block, block, &state);
	}
	return name_cells(matrix);
}

static int check_restrictions(const struct matrix *matrix, char why[MATRIX_WHY])
{
	const struct list *allocators = &matrix->values[CELL_ALLOCATOR];
	const struct list *tunes = &matrix->values[CELL_TUNE];

	for (size_t i = 0; i < tunes->count; i++) {
		bool used = false;

		for (size_t j = 0; j < allocators->count - matrix->commands.count; j++)
			used |= is_for(tunes->items[i], allocators->items[j]);
		if (used || !*tunes->items[i])
			continue;
		snprintf(why, MATRIX_WHY,
			 "--tune '%s': '%.*s' is not in this experiment; name it in --allocators",
			 tunes->items[i], (int)restriction(tunes->items[i]), tunes->items[i]);
		return -EINVAL;
	}
	return 0;
}

static int check_workers(const struct matrix *matrix, const struct run_options *options,
			 char why[MATRIX_WHY])
{
	const struct list *archs = &matrix->values[CELL_ARCH];

	for (size_t i = 0; i < archs->count; i++)
		if (!options->lists[CELL_WORKERS].count || cell_has_workers(archs->items[i]))
			return 0;
	snprintf(why, MATRIX_WHY,
		 "--workers: no architecture of this experiment has workers; name "
		 "one that has, such as --arch multi");
	return -EINVAL;
}

int matrix_build(struct matrix *matrix, const char *folder, const struct run_options *options,
		 char why[MATRIX_WHY])
{
	int error;

	memset(matrix, 0, sizeof(*matrix));
	snprintf(why, MATRIX_WHY, "no memory for the matrix");
	error = values_read(matrix, folder, options, why);
	if (!error)
		error = check_restrictions(matrix, why);
	if (!error)
		error = check_workers(matrix, options, why);
	if (!error)
		error = build_cells(matrix, options->repeat, options->seed);
	if (error)
		matrix_free(matrix);
	return error;
}

static int set_text(json_t *object, const char *key, const char *text)
{
	return text ? json_object_set_new(object, key, json_string(text)) : 0;
}

json_t *matrix_order(const struct matrix *matrix)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < matrix->count; i++) {
		json_t *object = json_object();

		if (!object || cell_to_json(&matrix->cells[i], object) ||
		    set_text(object, "server", matrix->cells[i].command) ||
		    set_text(object, "library", matrix->cells[i].library) ||
		    json_array_append_new(array, object)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* Sets *text to a copy that the matrix keeps; NULL where object has none. */
static int get_text(struct matrix *matrix, const char **text, const json_t *object, const char *key)
{
	const char *found = json_string_value(json_object_get(object, key));
	int error = found ? list_add(&matrix->strings, found) : 0;

	*text = found && !error ? matrix->strings.items[matrix->strings.count - 1] : NULL;
	return error;
}

static int cell_from_order(struct matrix *matrix, struct cell *cell, const json_t *object)
{
	struct list *strings = &matrix->strings;

	for (int i = 0; i < CELL_FACTORS; i++) {
		char *text = cell_from_json((enum cell_factor)i, object);
		int error = text ? list_add(strings, text) : -EINVAL;

		free(text);
		if (error)
			return error;
		cell->values[i] = strings->items[strings->count - 1];
	}
	cell->repeat = (uint64_t)json_integer_value(json_object_get(object, "repeat"));
	if (get_text(matrix, &cell->command, object, "server") ||
	    get_text(matrix, &cell->library, object, "library"))
		return -ENOMEM;
	return cell->repeat ? 0 : -EINVAL;
}

int matrix_from_order(struct matrix *matrix, const json_t *order)
{
	size_t count = json_array_size(order);
	int error = count ? 0 : -EINVAL;

	memset(matrix, 0, sizeof(*matrix));
	matrix->cells = calloc(count + 1, sizeof(*matrix->cells));
	if (!matrix->cells)
		error = -ENOMEM;
	for (size_t i = 0; i < count && !error; i++, matrix->count++)
		error = cell_from_order(matrix, &matrix->cells[i], json_array_get(order, i));
	if (!error)
		error = name_cells(matrix);
	if (error)
		matrix_free(matrix);
	return error;
}

void matrix_free(struct matrix *matrix)
{
	for (int i = 0; i < CELL_FACTORS; i++)
		list_free(&matrix->values[i]);
	list_free(&matrix->commands);
	list_free(&matrix->libraries);
	list_free(&matrix->strings);
	free(matrix->cells);
	memset(matrix, 0, sizeof(*matrix));
}
