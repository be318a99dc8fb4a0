/*
 * table_json.c - the table as a JSON document. See table.h.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/forms.h"
#include "analysis/table.h"

#define VERSION 1

/* Bytes, ns and counts are whole numbers; shares and ratios are not. */
static json_t *describe_number(const struct metric_form *form, double value)
{
	if (form->scale < 1 || form->metric == METRIC_FLOOR_LIVE)
		return json_real(value);
	return json_integer(llround(value));
}

static json_t *describe_measure(const struct metric_form *form, const struct measure *measure)
{
	json_t *number;

	if (measure->state == MEASURE_ABSENT)
		return json_null();
	number = describe_number(form, measure->value);
	return measure->state == MEASURE_VALUE ? number : json_pack("{s:o}", form->bound, number);
}

static json_t *describe_row(const struct summary_row *row)
{
	json_t *object = json_object();

	for (int i = 0; i < FACTOR_COUNT; i++) {
		const char *key = i == FACTOR_MEMORY_LIMIT ? "memory_limit"
							   : factor_name((enum factor)i);

		json_object_set_new(object, key, json_string(row->first->factors[i]));
	}
	json_object_set_new(object, "runs", json_integer((json_int_t)row->runs));
	for (const struct metric_form *form = metric_forms; form->key; form++)
		json_object_set_new(object, form->key,
				    describe_measure(form, &row->metrics[form->metric]));
	return object;
}

static json_t *list_voids(const struct experiment *experiment)
{
	json_t *array = json_array();

	for (size_t i = 0; i < experiment->count; i++) {
		const struct run *run = &experiment->runs[i];

		if (run->is_void)
			json_array_append_new(array,
					      json_pack("{s:s, s:s, s:s, s:s}", "run", run->name,
							"allocator", run->factors[FACTOR_ALLOCATOR],
							"release", run->factors[FACTOR_RELEASE],
							"reason", run->reason));
	}
	return array;
}

json_t *table_json(const struct experiment *experiment)
{
	struct summary summary;
	char note[SUMMARY_NOTE];
	json_t *document, *rows, *notes;
	char *sentence;

	if (summary_build(&summary, experiment))
		return NULL;
	rows = json_array();
	notes = json_array();
	for (size_t i = 0; i < summary.count; i++) {
		json_array_append_new(rows, describe_row(&summary.rows[i]));
		if (summary_note(note, &summary.rows[i]))
			json_array_append_new(notes, json_string(note));
	}
	sentence = takeaway(&summary);
	document = json_pack("{s:s, s:i, s:s?, s:o, s:o, s:o}", "format", "tidemark table",
			     "version", VERSION, "takeaway", sentence, "rows", rows, "notes", notes,
			     "void", list_voids(experiment));
	free(sentence);
	summary_free(&summary);
	return document;
}
