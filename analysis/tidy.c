/*
 * tidy.c - summary.csv. See tidy.h.
 *
 * There is no comment line: DuckDB and pandas would take it for the head. The columns whose text
 * may hold a comma, and then is quoted, stand last, so that awk -F, counts the others right.
 */
#include "analysis/tidy.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "analysis/forms.h"
#include "analysis/whole.h"

/* These stand last, with the reason. */
static bool is_free_text(int factor)
{
	return factor == FACTOR_FOOTPRINT || factor == FACTOR_TUNE;
}

static bool is_number(int factor)
{
	return factor == FACTOR_MEMORY_LIMIT;
}

/* Quoted where RFC 4180 asks for it; a line end would break those who read line by line. */
static void write_text(FILE *file, const char *text)
{
	bool quoted = strpbrk(text, ",\"\r\n") != NULL;

	fputs(quoted ? "\"" : "", file);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', file);
		fputc(*text == '\n' || *text == '\r' ? ' ' : *text, file);
	}
	fputs(quoted ? "\"" : "", file);
}

/* "t50_ns" has "t50_censored" beside it. */
static void write_censored_name(FILE *file, const struct metric_form *form)
{
	const char *unit = strrchr(form->key, '_');
	size_t length = strlen(form->key);

	if (!strcmp(unit, "_ns") || !strcmp(unit, "_bytes"))
		length = (size_t)(unit - form->key);
	fprintf(file, ",%.*s_censored", (int)length, form->key);
}

static void write_head(FILE *file)
{
	fputs("run,repeat,verdict", file);
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (is_number(i))
			fprintf(file, ",%s_bytes", factor_key((enum factor)i));
		else if (!is_free_text(i))
			fprintf(file, ",%s", factor_key((enum factor)i));
	fputs(",foreign,boot_id,kernel,version", file);
	for (const struct metric_form *form = metric_forms; form->key; form++) {
		fprintf(file, ",%s", form->key);
		if (form->bound)
			write_censored_name(file, form);
	}
	fputs(",doubtful", file);
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (is_free_text(i))
			fprintf(file, ",%s", factor_key((enum factor)i));
	fputs(",reason\n", file);
}

static void write_measure(FILE *file, const struct metric_form *form, const struct measure *measure)
{
	fputc(',', file);
	if (measure->state != MEASURE_ABSENT && form->names)
		fputs(form->names[(size_t)measure->value], file);
	else if (measure->state != MEASURE_ABSENT)
		fprintf(file, form_is_whole(form) ? "%.0f" : "%.9g", measure->value);
	if (form->bound && measure->state != MEASURE_ABSENT)
		fputs(measure->state == MEASURE_CENSORED ? ",true" : ",false", file);
	else if (form->bound)
		fputc(',', file);
}

/* Keys of the metrics that a loss of the probe touches, with blanks between them. */
static void write_doubtful(FILE *file, const struct run *run)
{
	const char *blank = ",";
	bool any = false;

	for (const struct metric_form *form = metric_forms; form->key; form++) {
		if (!run->metrics[form->metric].doubtful)
			continue;
		fprintf(file, "%s%s", blank, form->key);
		blank = " ";
		any = true;
	}
	fputs(any ? "" : ",", file);
}

static void write_field(FILE *file, const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	fputc(',', file);
	write_text(file, text ? text : "");
}

/*
 * A resumed experiment may have gone on after a boot, with another kernel: what is known of the
 * session in which the run took place, else of the machine at the start.
 */
static const json_t *session_of(const struct experiment *experiment, const struct run *run)
{
	const json_t *wanted = json_object_get(run->about, "boot_id");
	const json_t *session;
	size_t i;

	json_array_foreach(json_object_get(experiment->about, "sessions"), i, session)
	{
		if (wanted && json_equal(json_object_get(session, "boot_id"), wanted))
			return session;
	}
	return json_object_get(experiment->about, "environment");
}

static void write_origin(FILE *file, const struct experiment *experiment, const struct run *run)
{
	fputs(run->foreign ? ",true" : ",false", file);
	write_field(file, run->about ? run->about : experiment->about, "boot_id");
	write_field(file, session_of(experiment, run), "kernel");
	write_field(file, json_object_get(run->about, "server"), "version");
}

static void write_run(FILE *file, const struct experiment *experiment, const struct run *run)
{
	const json_t *limit = json_object_get(run->about, "memory_limit");

	write_text(file, run->name);
	if (run->repeat)
		fprintf(file, ",%llu", (unsigned long long)run->repeat);
	else
		fputc(',', file);
	fputs(run->is_void ? ",void" : ",complete", file);
	for (int i = 0; i < FACTOR_COUNT; i++) {
		if (is_free_text(i))
			continue;
		fputc(',', file);
		if (!run_knows(run, i))
			continue;
		if (!is_number(i))
			write_text(file, run->factors[i]);
		else if (run->about)
			fprintf(file, "%.0f", json_number_value(limit));
	}
	write_origin(file, experiment, run);
	for (const struct metric_form *form = metric_forms; form->key; form++)
		write_measure(file, form, &run->metrics[form->metric]);
	write_doubtful(file, run);
	for (int i = 0; i < FACTOR_COUNT; i++) {
		if (!is_free_text(i))
			continue;
		fputc(',', file);
		write_text(file, run->factors[i]);
	}
	fputc(',', file);
	write_text(file, run->is_void ? run->reason : "");
	fputc('\n', file);
}

int tidy_print(const struct experiment *experiment, FILE *file)
{
	write_head(file);
	for (size_t i = 0; i < experiment->count; i++)
		write_run(file, experiment, &experiment->runs[i]);
	return fflush(file) ? -errno : 0;
}

static int print(FILE *file, const void *experiment)
{
	return tidy_print(experiment, file);
}

int tidy_write(const struct experiment *experiment, const char *directory, char why[TIDY_WHY])
{
	return whole_write(directory, "summary.csv", print, experiment, why, TIDY_WHY);
}
