/*
 * table_json.c - the table as a JSON document. See table.h.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/doubts.h"
#include "analysis/forms.h"
#include "analysis/notes.h"
#include "analysis/table.h"

#define VERSION 1

/* Bytes, ns and counts are whole numbers; shares and ratios are not. */
static json_t *describe_number(const struct metric_form *form, double value)
{
	if (form->names)
		return json_string(form->names[(size_t)value]);
	if (form->scale < 1 || form->metric == METRIC_FLOOR_LIVE || form->metric == METRIC_REFAULT)
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

/* Keys of the figures that a loss touches. */
static json_t *list_touched(uint64_t doubts)
{
	json_t *array = json_array();

	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (doubts >> form->metric & 1)
			json_array_append_new(array, json_string(form->key));
	return array;
}

static void add_losses(json_t *array, const struct run *run)
{
	const struct evidence *evidence = &run->recording.evidence;
	const char *call;

	for (size_t i = 0; i < evidence->loss_count; i++) {
		const struct loss_row *loss = &evidence->losses[i];

		if (!loss->count)
			continue;
		json_array_append_new(
			array, json_pack("{s:s, s:s, s:s, s:o, s:o}", "run", run->name, "loss",
					 loss->what, "program", loss->program, "count",
					 loss->count == RECORD_ABSENT
						 ? json_null()
						 : json_integer((json_int_t)loss->count),
					 "touches", list_touched(doubts_of(loss, evidence))));
	}
	for (size_t i = 0; (call = evidence_unwatched(evidence, i)); i++)
		json_array_append_new(array,
				      json_pack("{s:s, s:s, s:s, s:n, s:o}", "run", run->name,
						"loss", "not_watched", "program", call, "count",
						"touches", list_touched(doubts_of_unwatched())));
}

static json_t *list_losses(const struct summary_row *row, const struct experiment *experiment)
{
	json_t *array = json_array();

	for (size_t i = 0; i < experiment->count; i++)
		if (summary_holds(row, &experiment->runs[i]))
			add_losses(array, &experiment->runs[i]);
	return array;
}

static json_t *describe_row(const struct summary_row *row, const struct experiment *experiment)
{
	json_t *object = json_object();

	for (int i = 0; i < FACTOR_COUNT; i++)
		json_object_set_new(object, factor_key((enum factor)i),
				    json_string(row->first->factors[i]));
	json_object_set_new(object, "runs", json_integer((json_int_t)row->runs));
	for (const struct metric_form *form = metric_forms; form->key; form++)
		json_object_set_new(object, form->key,
				    describe_measure(form, &row->metrics[form->metric]));
	json_object_set_new(object, "losses", list_losses(row, experiment));
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

static void add_note(void *notes, const char *text)
{
	json_array_append_new(notes, json_string(text));
}

json_t *table_json(const struct experiment *experiment)
{
	struct summary summary;
	json_t *document, *rows, *notes;
	char *sentence;

	if (summary_build(&summary, experiment))
		return NULL;
	rows = json_array();
	notes = json_array();
	for (size_t i = 0; i < summary.count; i++)
		json_array_append_new(rows, describe_row(&summary.rows[i], experiment));
	notes_each(&summary, add_note, notes);
	sentence = takeaway(&summary);
	document = json_pack("{s:s, s:i, s:s?, s:o, s:o, s:o}", "format", "tidemark table",
			     "version", VERSION, "takeaway", sentence, "rows", rows, "notes", notes,
			     "void", list_voids(experiment));
	free(sentence);
	summary_free(&summary);
	return document;
}
