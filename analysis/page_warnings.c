/*
 * page_warnings.c - what a reader must know of the machine and the runs, beside the figures that it
 * touches. See page.h.
 */
#include <math.h>
#include <string.h>

#include "analysis/html.h"
#include "analysis/page.h"

/* ns for a first touch that plain machines do not reach (environment.h). */
#define DEAR_TOUCH 5000
/* Rows for which the same is said; the table's notes name them all. */
#define WARNED	   2
/* The machine was busy with something else when equal runs differ by more than this. */
#define NOISY	   2.0

static const json_t *machine(const struct figures *figures)
{
	return json_object_get(figures->summary->experiment->about, "environment");
}

static void warn_huge_pages(FILE *page, const struct figures *figures)
{
	const char *thp = json_string_value(json_object_get(machine(figures), "thp"));

	if (thp && strstr(thp, "[always]"))
		fputs("<p class=\"warning\">Transparent huge pages are on for all memory here: one "
		      "touch may take 2 MiB, held moves in such steps, and a huge page of which "
		      "only a part was given back leaves this curve at once, but the machine's "
		      "memory later.</p>\n",
		      page);
}

static void warn_censored(FILE *page, const struct figures *figures)
{
	char note[SUMMARY_NOTE];
	size_t count = 0;

	for (size_t i = 0; i < figures->summary->count; i++) {
		const struct summary_row *row = &figures->summary->rows[i];

		if (row->metrics[METRIC_FLOOR].state != MEASURE_CENSORED ||
		    !summary_note(note, figures->summary, row) || count++ >= WARNED)
			continue;
		fputs("<p class=\"warning\">", page);
		html_text(page, note);
		fputs("</p>\n", page);
	}
	if (count > WARNED)
		fprintf(page, "<p class=\"warning\">The same is true of %zu more rows.</p>\n",
			count - WARNED);
}

static void warn_foreign(FILE *page, const struct figures *figures)
{
	const struct summary *summary = figures->summary;
	size_t count = 0;

	for (size_t i = 0; i < summary->count; i++) {
		const struct run *run = summary->rows[i].first;

		if (summary->rows[i].metrics[METRIC_WASTE].state != MEASURE_ABSENT)
			continue;
		fputs(count++ ? ", "
			      : "<p class=\"warning\">Not drawn, as nobody knows how much of what "
				"they hold is in use: ",
		      page);
		html_text(page, run->factors[FACTOR_ALLOCATOR]);
		fputs(" ", page);
		html_text(page, run->factors[FACTOR_RELEASE]);
	}
	if (count)
		fputs(".</p>\n", page);
}

static void warn_dear_memory(FILE *page, const struct figures *figures)
{
	double before = json_number_value(
		json_object_get(machine(figures), "first_touch_before_ns"));
	double after = json_number_value(json_object_get(machine(figures), "first_touch_after_ns"));

	if (fmax(before, after) < DEAR_TOUCH)
		return;
	fprintf(page, "<p class=\"warning\">The first touch of a page took %.1f µs before the runs",
		before / 1e3);
	/* Not of an experiment that was interrupted. */
	if (after > 0)
		fprintf(page, " and %.1f after", after / 1e3);
	fputs("; plain machines need 0.1 to 2. The host of this virtual machine seems to back "
	      "memory only when it is touched, so memory that is given back and taken again is "
	      "dearer here than elsewhere, and runs differ by it.</p>\n",
	      page);
}

/* By how much the p99 of equal runs differs at most. */
static double find_noise(const struct figures *figures)
{
	const struct spread *latency = figures->tradeoff.price[PRICE_LATENCY];
	double noise = 1;

	for (size_t i = 0; i < figures->summary->count; i++)
		if (latency[i].low > 0)
			noise = fmax(noise, latency[i].high / latency[i].low);
	return noise;
}

static void warn_noise(FILE *page, const struct figures *figures)
{
	double noise = find_noise(figures);

	if (noise > NOISY)
		fprintf(page,
			"<p class=\"warning\">The machine is noisy: connect p99 differs up to "
			"%.1f-fold between repeats of one and the same row. Do not read "
			"differences in latency that are smaller than that.</p>\n",
			noise);
	else if (!figures->summary->repeated)
		fprintf(page,
			"<p class=\"warning\">Each row was run once: small differences, of latency "
			"above all, may be noise. With --repeat %zu the noise is known.</p>\n",
			question_needs(QUESTION_COST));
}

void page_warn(FILE *page, const struct figures *figures, enum figure_group group)
{
	if (group == FIGURES_HELD)
		warn_huge_pages(page, figures);
	if (group == FIGURES_RETENTION)
		warn_censored(page, figures);
	if (group == FIGURES_RETENTION || group == FIGURES_TRADEOFF || group == FIGURES_RATCHET)
		warn_foreign(page, figures);
	if (group == FIGURES_TRADEOFF) {
		warn_dear_memory(page, figures);
		warn_noise(page, figures);
	}
}
