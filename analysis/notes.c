/*
 * notes.c - what a reader must know beside the numbers. See notes.h.
 */
#include "analysis/notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "analysis/doubts.h"

#define TEXT 1024

/* What a run lacks altogether; the first that applies. */
enum lack {
	LACK_RECORDS,
	LACK_PAGES,
	LACK_CAUSES,
	LACK_NOTHING
};

static const char *const lacks[] = {
	[LACK_RECORDS] = "The probe kept no record of releases and kernel memory",
	[LACK_PAGES] =
		("No eBPF, so it is not known who gave memory back, how much of it was taken "
		 "again, and what a connection costs the kernel"),
	[LACK_CAUSES] = "The policy's releases could not be told from the allocator's",
};

static enum lack lack_of(const struct run *run)
{
	const struct evidence *evidence = &run->recording.evidence;

	if (!evidence->recorded)
		return LACK_RECORDS;
	if (!evidence_counts_pages(evidence))
		return LACK_PAGES;
	return evidence_tells_causes(evidence) ? LACK_NOTHING : LACK_CAUSES;
}

/* "...: in 2 of 4 runs (not permitted: CAP_BPF is missing; see 001-glibc-native/probe.log)." */
static void note_lack(const struct experiment *experiment, enum lack lack,
		      void (*each)(void *, const char *), void *context)
{
	const struct run *first = NULL;
	size_t lacking = 0, complete = 0;
	char text[TEXT], of[48] = "";
	const char *reason;

	for (size_t i = 0; i < experiment->count; i++) {
		const struct run *run = &experiment->runs[i];

		if (run->is_void)
			continue;
		complete++;
		if (lack_of(run) != lack)
			continue;
		lacking++;
		first = first ? first : run;
	}
	if (!first)
		return;
	if (lacking < complete)
		snprintf(of, sizeof(of), " in %zu of %zu runs", lacking, complete);
	reason = first->recording.evidence.skipped;
	snprintf(text, sizeof(text), "%s%s (%s%ssee %s/probe.log).", lacks[lack], of, reason,
		 *reason ? "; " : "", first->name);
	each(context, text);
}

static void write_touched(FILE *file, const struct summary *summary, uint64_t doubts)
{
	const char *comma = " (touches ";

	for (const struct metric_form *form = metric_forms; form->key; form++) {
		if (!summary_shows(summary, form, form->block) || !(doubts >> form->metric & 1))
			continue;
		fprintf(file, "%s%s%s%s", comma, form->group, *form->group ? " " : "", form->head);
		comma = ", ";
	}
	fputs(*comma == ',' ? ")" : " (touches no figure)", file);
}

/* What losses of one kind did to the runs: the same program, the same counter. */
struct kind {
	const struct loss_row *loss;
	const struct run *first;
	size_t runs;
	uint64_t least, most; /* of those whose count is known */
	uint64_t doubts;
	bool unknown;
};

static bool is_of_kind(const struct loss_row *loss, const struct loss_row *kind)
{
	return !strcmp(loss->what, kind->what) && !strcmp(loss->program, kind->program);
}

static void add_loss(struct kind *kind, const struct run *run, const struct loss_row *loss,
		     uint64_t doubts)
{
	if (!kind->runs++) {
		kind->first = run;
		kind->least = UINT64_MAX;
	}
	kind->doubts |= doubts;
	if (loss->count == RECORD_ABSENT) {
		kind->unknown = true;
		return;
	}
	kind->least = loss->count < kind->least ? loss->count : kind->least;
	kind->most = loss->count > kind->most ? loss->count : kind->most;
}

/* What all complete runs lost of the same kind as loss, where it touches a figure. */
static struct kind collect(const struct experiment *experiment, const struct loss_row *loss)
{
	struct kind kind = { .loss = loss };

	for (size_t i = 0; i < experiment->count; i++) {
		const struct run *run = &experiment->runs[i];
		const struct evidence *evidence = &run->recording.evidence;

		for (size_t j = 0; !run->is_void && j < evidence->loss_count; j++) {
			const struct loss_row *other = &evidence->losses[j];
			uint64_t doubts = doubts_of(other, evidence);

			if (doubts && is_of_kind(other, loss))
				add_loss(&kind, run, other, doubts);
		}
	}
	return kind;
}

/*
 * " did not see up to 8 freed pages, missed by page_freed": programs run for all of the machine, so
 * at most so many were the server's.
 */
static void write_missed(FILE *file, const struct kind *kind)
{
	const char *program = kind->loss->program, *what = "events";

	if (!strcmp(program, "page_freed"))
		what = "freed pages";
	else if (!strcmp(program, "page_swapped"))
		what = "swapped pages";
	if (kind->most)
		fprintf(file, " did not see up to %" PRIu64 " %s", kind->most, what);
	else
		fprintf(file, " did not see some %s, nobody knows how many", what);
	fprintf(file, ", missed by %s", program);
}

/* " lost 12 x events_dropped", " lost 9 to 14 x bill_full" */
static void write_loss(FILE *file, const struct kind *kind)
{
	fputs(" lost ", file);
	if (!kind->most)
		fprintf(file, "%s, nobody knows how often", kind->loss->what);
	else if (kind->least < kind->most)
		fprintf(file, "%" PRIu64 " to %" PRIu64 " x %s", kind->least, kind->most,
			kind->loss->what);
	else
		fprintf(file, "%" PRIu64 " x %s", kind->most, kind->loss->what);
	if (kind->most && kind->unknown)
		fputs(", at times nobody knows how often", file);
}

/* "003-glibc-close" or "12 runs, as 003-glibc-close" */
static void write_runs(FILE *file, size_t runs, const struct run *first)
{
	if (runs > 1)
		fprintf(file, "%zu runs, as ", runs);
	fprintf(file, "%s: the probe", first->name);
}

/*
 * "12 runs, as 003-glibc-close: the probe lost 9 to 14 x events_dropped (touches refault)." Of
 * each kind once, by its first run. What touches no figure is in the JSON only.
 */
static void note_losses(const struct summary *summary, const struct run *run,
			void (*each)(void *, const char *), void *context)
{
	const struct evidence *evidence = &run->recording.evidence;

	for (size_t i = 0; i < evidence->loss_count; i++) {
		struct kind kind = collect(summary->experiment, &evidence->losses[i]);
		char text[TEXT] = "";
		FILE *file;

		if (!doubts_of(&evidence->losses[i], evidence) || kind.first != run)
			continue;
		file = fmemopen(text, sizeof(text) - 1, "w");
		if (!file)
			return;
		write_runs(file, kind.runs, run);
		if (strcmp(kind.loss->what, "missed"))
			write_loss(file, &kind);
		else
			write_missed(file, &kind);
		write_touched(file, summary, kind.doubts);
		fputc('.', file);
		fclose(file);
		each(context, text);
	}
}

static bool leaves_unwatched(const struct run *run, const char *call)
{
	const char *other;

	if (run->is_void)
		return false;
	for (size_t i = 0; (other = evidence_unwatched(&run->recording.evidence, i)); i++)
		if (!strcmp(other, call))
			return true;
	return false;
}

/* "2 runs, as 003-glibc-close: the probe could not watch brk (touches ...)." By the first run. */
static void note_unwatched(const struct summary *summary, const struct run *run,
			   void (*each)(void *, const char *), void *context)
{
	const struct experiment *experiment = summary->experiment;
	const char *call;

	for (size_t i = 0; (call = evidence_unwatched(&run->recording.evidence, i)); i++) {
		const struct run *first = NULL;
		char text[TEXT] = "";
		size_t runs = 0;
		FILE *file;

		for (size_t j = 0; j < experiment->count; j++) {
			if (!leaves_unwatched(&experiment->runs[j], call))
				continue;
			first = first ? first : &experiment->runs[j];
			runs++;
		}
		file = first == run ? fmemopen(text, sizeof(text) - 1, "w") : NULL;
		if (!file)
			continue;
		write_runs(file, runs, run);
		fprintf(file, " could not watch %s", call);
		write_touched(file, summary, doubts_of_unwatched());
		fputc('.', file);
		fclose(file);
		each(context, text);
	}
}

/* Each cell is run once in each block: what was run twice was copied, or put there by hand. */
static void note_copies(const struct experiment *experiment, void (*each)(void *, const char *),
			void *context)
{
	for (size_t i = 0; i < experiment->count; i++) {
		const struct run *run = &experiment->runs[i];
		char text[TEXT];

		for (size_t j = 0; run->repeat && !run->is_void && j < i; j++) {
			const struct run *other = &experiment->runs[j];

			if (other->is_void || other->repeat != run->repeat ||
			    factors_compare(other->factors, run->factors))
				continue;
			snprintf(text, sizeof(text),
				 "%s: the same cell and repeat as %s; both count, so if one is a "
				 "copy, remove it.",
				 run->name, other->name);
			each(context, text);
			break;
		}
	}
}

/* "Resumed after 3 runs, no longer as it began: kernel 6.2 (was 6.1)." */
static void note_sessions(const struct experiment *experiment, void (*each)(void *, const char *),
			  void *context)
{
	const json_t *session;
	size_t i;

	json_array_foreach(json_object_get(experiment->about, "sessions"), i, session)
	{
		const char *warning = json_string_value(json_object_get(session, "warning"));
		json_int_t before = json_integer_value(json_object_get(session, "runs_before"));
		char text[TEXT];

		if (!warning)
			continue;
		snprintf(text, sizeof(text),
			 "Resumed after %" JSON_INTEGER_FORMAT " run%s, no longer as it began: %s.",
			 before, before == 1 ? "" : "s", warning);
		each(context, text);
	}
}

void notes_each(const struct summary *summary, void (*each)(void *context, const char *text),
		void *context)
{
	const struct experiment *experiment = summary->experiment;
	char note[SUMMARY_NOTE];

	for (size_t i = 0; i < summary->count; i++)
		if (summary_note(note, summary, &summary->rows[i]))
			each(context, note);
	for (int lack = 0; lack < LACK_NOTHING; lack++)
		note_lack(experiment, (enum lack)lack, each, context);
	for (size_t i = 0; i < experiment->count; i++)
		if (!experiment->runs[i].is_void) {
			note_losses(summary, &experiment->runs[i], each, context);
			note_unwatched(summary, &experiment->runs[i], each, context);
		}
	note_copies(experiment, each, context);
	note_sessions(experiment, each, context);
}
