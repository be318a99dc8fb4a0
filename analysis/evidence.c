/*
 * evidence.c - what the probe saw in the kernel. See evidence.h.
 */
#include "analysis/evidence.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each call has a program at its begin and one at its end; the latter makes the record. */
static const struct {
	const char *call, *program;
} watches[] = {
	{ "madvise", "madvise_exit" },
	{ "munmap", "munmap_exit" },
	{ "brk", "brk_exit" },
	{ "mremap", "mremap_exit" },
	{ "process_madvise", "pmadvise_exit" },
};

#define WATCHES (sizeof(watches) / sizeof(watches[0]))

static int load_optional(const struct record_kind *kind, const char *folder, const char *name,
			 void *rows, size_t *count, char why[ROWS_WHY])
{
	int error = rows_load(kind, folder, name, rows, count, why);

	return error == -ENOENT ? 0 : error;
}

/* "  page_freed        skipped   not permitted: ..." */
static void read_reason(struct evidence *evidence, const char *folder)
{
	char path[PATH_MAX], line[256], program[32], state[16];
	int reason;
	FILE *file;

	snprintf(path, sizeof(path), "%s/probe.log", folder);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		reason = 0;
		if (sscanf(line, " %31s %15s %n", program, state, &reason) != 2 || !reason ||
		    strcmp(program, "page_freed") || strcmp(state, "skipped"))
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(evidence->skipped, sizeof(evidence->skipped), "%s", line + reason);
	}
	fclose(file);
}

int evidence_load(struct evidence *evidence, const char *folder, char why[ROWS_WHY])
{
	int error;

	memset(evidence, 0, sizeof(*evidence));
	error = load_optional(&record_releases, folder, "releases.csv", &evidence->releases,
			      &evidence->release_count, why);
	if (!error)
		error = load_optional(&record_events, folder, "events.csv", &evidence->events,
				      &evidence->event_count, why);
	if (!error)
		error = load_optional(&record_processes, folder, "processes.csv",
				      &evidence->processes, &evidence->process_count, why);
	if (!error)
		error = load_optional(&record_bill, folder, "bill.csv", &evidence->bill,
				      &evidence->bill_count, why);
	if (!error) {
		error = rows_load(&record_losses, folder, "losses.csv", &evidence->losses,
				  &evidence->loss_count, why);
		evidence->recorded = !error;
		error = error == -ENOENT ? 0 : error;
	}
	if (error)
		evidence_free(evidence);
	else if (!evidence_counts_pages(evidence))
		read_reason(evidence, folder);
	return error;
}

void evidence_free(struct evidence *evidence)
{
	free(evidence->releases);
	free(evidence->events);
	free(evidence->processes);
	free(evidence->bill);
	free(evidence->losses);
	memset(evidence, 0, sizeof(*evidence));
}

bool evidence_ran(const struct evidence *evidence, const char *program)
{
	for (size_t i = 0; i < evidence->loss_count; i++)
		if (!strcmp(evidence->losses[i].what, "missed") &&
		    !strcmp(evidence->losses[i].program, program))
			return true;
	return false;
}

bool evidence_watches_calls(const struct evidence *evidence)
{
	bool any = false;

	for (size_t i = 0; i < WATCHES; i++)
		any |= evidence_ran(evidence, watches[i].program);
	return any;
}

bool evidence_counts_pages(const struct evidence *evidence)
{
	return evidence_ran(evidence, "page_freed") && evidence_watches_calls(evidence);
}

bool evidence_tells_causes(const struct evidence *evidence)
{
	return evidence_counts_pages(evidence) && evidence_ran(evidence, "release_begin");
}

const char *evidence_unwatched(const struct evidence *evidence, size_t i)
{
	if (!evidence_watches_calls(evidence))
		return NULL;
	for (size_t j = 0; j < WATCHES; j++)
		if (!evidence_ran(evidence, watches[j].program) && i-- == 0)
			return watches[j].call;
	return NULL;
}
