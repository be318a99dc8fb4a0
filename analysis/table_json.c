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

static json_t *describe_number(const struct metric_form *form, double value)
{
	if (form->names)
		return json_string(form->names[(size_t)value]);
	return form_is_whole(form) ? json_integer(llround(value)) : json_real(value);
}

static json_t *describe_measure(const struct metric_form *form, const struct measure *measure)
{
	json_t *number;

	if (measure->state == MEASURE_ABSENT)
		return json_null();
	number = describe_number(form, measure->value);
	return measure->state == MEASURE_VALUE ? number : json_pack("{s:o}", form->bound, number);
}

/* An open end is null. */
static json_t *describe_end(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *describe_interval(const struct interval *interval)
{
	return json_pack("{s:o, s:o, s:f, s:I}", "low", describe_end(interval->range.low), "high",
			 describe_end(interval->range.high), "confidence", interval->confidence,
			 "n", (json_int_t)interval->count);
}

static json_t *list_intervals(const struct summary_row *row)
{
	json_t *object = json_object();

	for (const struct metric_form *form = metric_forms; form->key; form++) {
		const struct interval *interval = &row->intervals[form->metric];

		if (interval->confidence > 0 && !form->names)
			json_object_set_new(object, form->key, describe_interval(interval));
	}
	return object;
}

static json_t *describe_difference(const struct metric_form *form,
				   const struct difference *difference)
{
	const struct range *median = &difference->median;
	const char *verdict = difference_verdicts[difference->verdict];
	json_t *object = json_pack(
		"{s:s, s:s, s:I, s:o}", "verdict", *verdict ? verdict : "not judged", "reason",
		difference_reasons[difference->reason], "n", (json_int_t)difference->count,
		"control", describe_measure(form, &difference->control));

	if (median->low == median->high) {
		json_object_set_new(object, "median", json_real(median->low));
	} else {
		json_object_set_new(object, "median", json_null());
		json_object_set_new(object, "at_least", describe_end(median->low));
		json_object_set_new(object, "at_most", describe_end(median->high));
	}
	json_object_set_new(object, "low", describe_end(difference->range.low));
	json_object_set_new(object, "high", describe_end(difference->range.high));
	json_object_set_new(object, "confidence", json_real(difference->confidence));
	json_object_set_new(object, "smallest", describe_end(difference->smallest));
	json_object_set_new(object, "doubtful", json_boolean(difference->doubtful));
	return object;
}

json_t *table_differences(const struct difference differences[METRIC_COUNT])
{
	json_t *object = json_object();

	for (const struct metric_form *form = metric_forms; form->key; form++) {
		const struct difference *difference = &differences[form->metric];

		if (difference->verdict != DIFFERENCE_ABSENT && !form->names)
			json_object_set_new(object, form->key,
					    describe_difference(form, difference));
	}
	return object;
}

/* The answer to one of the questions, and the figure that gave it. */
json_t *table_answer(const struct difference differences[METRIC_COUNT], enum question question)
{
	enum metric metric;
	const struct difference *answer = difference_answer(differences, question, &metric);

	if (!answer)
		return json_null();
	return json_pack("{s:s, s:s, s:I}", "verdict", difference_verdicts[answer->verdict], "by",
			 form_of(metric)->key, "needs", (json_int_t)question_needs(question));
}

json_t *table_factors(const struct summary_row *row)
{
	json_t *object = json_object();

	for (int i = 0; i < FACTOR_COUNT; i++)
		json_object_set_new(object, factor_key((enum factor)i),
				    run_knows(row->first, i) ? json_string(row->first->factors[i])
							     : json_null());
	return object;
}

static void add_statistics(json_t *object, const struct summary_row *row)
{
	json_object_set_new(object, "intervals", list_intervals(row));
	json_object_set_new(object, "control",
			    row->control ? table_factors(row->control) : json_null());
	json_object_set_new(object, "kept", table_answer(row->differences, QUESTION_KEPT));
	json_object_set_new(object, "cost", table_answer(row->differences, QUESTION_COST));
	json_object_set_new(object, "answers", table_answer(row->differences, QUESTION_ANSWERS));
	json_object_set_new(object, "differences", table_differences(row->differences));
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
	json_t *object = table_factors(row);

	json_object_set_new(object, "runs", json_integer((json_int_t)row->runs));
	for (const struct metric_form *form = metric_forms; form->key; form++)
		json_object_set_new(object, form->key,
				    describe_measure(form, &row->metrics[form->metric]));
	add_statistics(object, row);
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
