/*
 * preview.c - tidemark run --dry-run. See preview.h.
 */
#include "analysis/preview.h"

#include <errno.h>
#include <inttypes.h>

#include "server/base/units.h"

static int print_json(const struct matrix *matrix, const bool *finished, uint64_t expected,
		      FILE *file)
{
	json_t *order = matrix_order(matrix);
	json_t *document;
	int error;

	for (size_t i = matrix->count; order && i-- > 0;)
		if (finished && finished[i])
			json_array_remove(order, i);
	document = order ? json_pack("{s:I, s:o}", "expected_ns", (json_int_t)expected, "order",
				     order)
			 : NULL;
	if (!document)
		return -ENOMEM;
	error = json_dumpf(document, file, JSON_INDENT(2));
	fputc('\n', file);
	json_decref(document);
	return error ? -EIO : 0;
}

int preview_print(const struct matrix *matrix, const bool *finished, bool json, FILE *file)
{
	uint64_t expected = 0;
	size_t count = 0;
	char text[32];

	for (size_t i = 0; i < matrix->count; i++) {
		const struct cell *cell = &matrix->cells[i];

		if (finished && finished[i])
			continue;
		count++;
		expected += cell->expected;
		if (!json)
			fprintf(file, "%03zu  repeat %" PRIu64 "  %-8s  %s\n", i + 1, cell->repeat,
				format_duration(text, sizeof(text), (double)cell->expected),
				cell->name);
	}
	if (json)
		return print_json(matrix, finished, expected, file);
	fprintf(file, "%zu run%s, about %" PRIu64 ":%02" PRIu64 " minutes\n", count,
		count == 1 ? "" : "s", expected / NS_PER_S / 60, expected / NS_PER_S % 60);
	return 0;
}
