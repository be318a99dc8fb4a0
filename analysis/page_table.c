/*
 * page_table.c - the tables of report.html. See page.h.
 */
#include <string.h>

#include "analysis/figure.h"
#include "analysis/forms.h"
#include "analysis/html.h"
#include "analysis/notes.h"
#include "analysis/page.h"
#include "analysis/table.h"

void page_row_heads(FILE *page, const struct summary *summary)
{
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (summary->shown[i])
			fprintf(page,
				"<th class=\"name\" scope=\"col\">%s<small>&nbsp;</small></th>",
				factor_name((enum factor)i));
}

void page_row_names(FILE *page, const struct summary *summary, const struct panels *panels,
		    const struct summary_row *row)
{
	fprintf(page,
		"<tr><th class=\"name\" scope=\"row\"><i class=\"chip\" "
		"style=\"background:%s\"></i>",
		figure_colour(panels_colour(panels, row->first)));
	html_text(page, row->first->factors[FACTOR_ALLOCATOR]);
	fputs("</th>", page);
	for (int i = FACTOR_ALLOCATOR + 1; i < FACTOR_COUNT; i++) {
		if (!summary->shown[i])
			continue;
		fputs("<td class=\"name\">", page);
		html_text(page, summary_factor(row, i));
		fputs("</td>", page);
	}
}

/* The neighbours that are shown and share a group share one cell. */
static void write_groups(FILE *page, const struct summary *summary, enum form_block block)
{
	const struct metric_form *form = metric_forms;

	while (form->key) {
		const char *group = form->group;
		size_t columns = 0;

		for (; form->key && (!summary_shows(summary, form, block) || !columns ||
				     !strcmp(form->group, group));
		     form++) {
			if (!summary_shows(summary, form, block))
				continue;
			group = form->group;
			columns++;
		}
		if (*group && columns)
			fprintf(page, "<th class=\"group\" colspan=\"%zu\">%s</th>", columns,
				group);
		else if (columns)
			fprintf(page, "<td colspan=\"%zu\"></td>", columns);
	}
}

static void write_heads(FILE *page, const struct summary *summary, enum form_block block)
{
	size_t factors = summary->repeated;

	for (int i = 0; i < FACTOR_COUNT; i++)
		factors += summary->shown[i];
	fprintf(page, "<thead>\n<tr><td colspan=\"%zu\"></td>", factors);
	write_groups(page, summary, block);
	fputs("</tr>\n<tr>", page);
	page_row_heads(page, summary);
	if (summary->repeated)
		fputs("<th scope=\"col\">runs<small>&nbsp;</small></th>", page);
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (summary_shows(summary, form, block))
			fprintf(page, "<th scope=\"col\">%s<small>%s</small></th>", form->head,
				*form->unit ? form->unit : "&nbsp;");
	fputs("</tr>\n</thead>\n", page);
}

/* What is more than a bound stands behind the bound. */
static double sorted_by(const struct measure *measure)
{
	return measure->value * (measure->state == MEASURE_CENSORED ? 1 + 1e-6 : 1);
}

/* The median, and below it how far it can be trusted. */
static void write_measure(FILE *page, const struct metric_form *form, const struct summary_row *row)
{
	const struct measure *measure = &row->metrics[form->metric];
	char text[FORM_TEXT], spread[FORM_TEXT];
	const char *number = form_write(text, form, measure);

	if (measure->state == MEASURE_ABSENT)
		fputs("<td data-value=\"\">", page);
	else
		fprintf(page, "<td data-value=\"%.9g\">", sorted_by(measure));
	if (!strncmp(number, "<=", 2)) {
		fputs("≤", page);
		number += 2;
	}
	html_text(page, number);
	if (row->runs > 1 && *form_spread(spread, form, measure, &row->intervals[form->metric]))
		fprintf(page, "<small>%s</small>", spread);
	fputs("</td>", page);
}

static void write_row(FILE *page, const struct summary *summary, const struct panels *panels,
		      enum form_block block, const struct summary_row *row)
{
	page_row_names(page, summary, panels, row);
	if (summary->repeated)
		fprintf(page, "<td>%zu</td>", row->runs);
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (summary_shows(summary, form, block))
			write_measure(page, form, row);
	fputs("</tr>\n", page);
}

static void write_meanings(FILE *page, const struct summary *summary, enum form_block block)
{
	fputs("<dl class=\"meanings\">\n", page);
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (summary_shows(summary, form, block))
			fprintf(page, "<div><dt>%s%s%s</dt><dd>%s</dd></div>\n", form->group,
				*form->group ? " " : "", form->head, form->meaning);
	fputs("</dl>\n", page);
}

static void write_note(void *page, const char *text)
{
	fputs("<p class=\"legend\">", page);
	html_text(page, text);
	fputs("</p>\n", page);
}

/* The notes of the first two tables stand below the second, where doubts are. */
static void write_legend(FILE *page, const struct summary *summary, enum form_block block)
{
	if (block == FORM_HELD)
		fprintf(page,
			"<p class=\"legend\"><b>&gt;</b> and <b>≤</b>: censored, the window ended "
			"before more could be known. <b>-</b>: not available.%s</p>\n",
			summary->repeated
				? " Each row shows the medians of its runs; <b>±</b>: to the "
				  "farther end of their 95 % interval (of less than 6 "
				  "runs: of their range)."
				: "");
	if (block == FORM_LEDGER) {
		fputs("<p class=\"legend\"><b>?</b>: the probe lost something that this is made "
		      "of, so it is too low or uncertain; the notes below name it. <b>-</b>: not "
		      "available.</p>\n",
		      page);
		notes_each(summary, write_note, page);
	}
}

static void write_block(FILE *page, const struct summary *summary, const struct panels *panels,
			enum form_block block)
{
	static const char *const titles[FORM_BLOCKS] = {
		[FORM_HELD] = "The numbers, of the last burst",
		[FORM_LEDGER] = "Who gave it back, and what the kernel holds",
		[FORM_TRAFFIC] = "What was asked and answered",
	};
	static const char *const ids[FORM_BLOCKS] = {
		[FORM_HELD] = "numbers",
		[FORM_LEDGER] = "ledger",
		[FORM_TRAFFIC] = "traffic",
	};

	fprintf(page, "<h2 id=\"%s\">%s</h2>\n<div class=\"scroll\"><table class=\"%s\">\n",
		ids[block], titles[block], block == FORM_HELD ? "sortable" : "sortable narrow");
	write_heads(page, summary, block);
	fputs("<tbody>\n", page);
	for (size_t i = 0; i < summary->count; i++)
		write_row(page, summary, panels, block, &summary->rows[i]);
	fputs("</tbody>\n</table></div>\n", page);
	write_legend(page, summary, block);
	fputs("<details open><summary>How to read the table</summary>\n", page);
	write_meanings(page, summary, block);
	fputs("</details>\n", page);
}

void page_tables(FILE *page, const struct summary *summary, const struct panels *panels)
{
	if (!summary->count)
		return;
	write_block(page, summary, panels, FORM_HELD);
	if (table_has_contrast(summary))
		page_contrast(page, summary, panels);
	write_block(page, summary, panels, FORM_LEDGER);
	if (summary_talks(summary))
		write_block(page, summary, panels, FORM_TRAFFIC);
}
