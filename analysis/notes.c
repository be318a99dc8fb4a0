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

static void write_loss(FILE *file, const struct loss_row *loss)
{
	if (loss->count == RECORD_ABSENT)
		fprintf(file, "%s, nobody knows how often", loss->what);
	else
		fprintf(file, "%" PRIu64 " x %s", loss->count, loss->what);
	if (strcmp(loss->program, "-"))
		fprintf(file, " by %s", loss->program);
}

/*
 * "003-glibc-close: the probe lost 12 x events_dropped (touches refault)." What touches no figure
 * is in the JSON only.
 */
static void note_losses(const struct summary *summary, const struct run *run,
			void (*each)(void *, const char *), void *context)
{
	const struct evidence *evidence = &run->recording.evidence;
	char text[TEXT] = "";
	const char *comma = " lost ", *call;
	FILE *file = fmemopen(text, sizeof(text) - 1, "w");

	if (!file)
		return;
	fprintf(file, "%s: the probe", run->name);
	for (size_t i = 0; i < evidence->loss_count; i++) {
		const struct loss_row *loss = &evidence->losses[i];
		uint64_t doubts = doubts_of(loss, evidence);

		if (!doubts)
			continue;
		fputs(comma, file);
		write_loss(file, loss);
		write_touched(file, summary, doubts);
		comma = ", ";
	}
	for (size_t i = 0; (call = evidence_unwatched(evidence, i)); i++) {
		fprintf(file, "%s %s", *comma == ',' ? "; it could not watch" : " could not watch",
			call);
		write_touched(file, summary, doubts_of_unwatched());
		comma = ", ";
	}
	fputc('.', file);
	fclose(file);
	if (*comma == ',')
		each(context, text);
}

void notes_each(const struct summary *summary, void (*each)(void *context, const char *text),
		void *context)
{
	const struct experiment *experiment = summary->experiment;
	char note[SUMMARY_NOTE];

	for (size_t i = 0; i < summary->count; i++)
		if (summary_note(note, &summary->rows[i]))
			each(context, note);
	for (int lack = 0; lack < LACK_NOTHING; lack++)
		note_lack(experiment, (enum lack)lack, each, context);
	for (size_t i = 0; i < experiment->count; i++)
		if (!experiment->runs[i].is_void)
			note_losses(summary, &experiment->runs[i], each, context);
}
