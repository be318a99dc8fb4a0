/*
 * page_table.c - the table of report.html. See page.h.
 */
#include <string.h>

#include "analysis/figure.h"
#include "analysis/forms.h"
#include "analysis/html.h"
#include "analysis/page.h"

static void write_groups(FILE *page)
{
	const struct metric_form *form = metric_forms;

	while (form->key) {
		const char *group = form->group;
		size_t columns = 0;

		for (; form->key && (!form->head || !strcmp(form->group, group)); form++)
			columns += form->head != NULL;
		if (*group)
			fprintf(page, "<th class=\"group\" colspan=\"%zu\">%s</th>", columns,
				group);
		else
			fprintf(page, "<td colspan=\"%zu\"></td>", columns);
	}
}

static void write_heads(FILE *page, const struct summary *summary)
{
	size_t factors = summary->repeated;

	for (int i = 0; i < FACTOR_COUNT; i++)
		factors += summary->shown[i];
	fprintf(page, "<thead>\n<tr><td colspan=\"%zu\"></td>", factors);
	write_groups(page);
	fputs("</tr>\n<tr>", page);
	for (int i = 0; i < FACTOR_COUNT; i++)
		if (summary->shown[i])
			fprintf(page, "<th class=\"name\">%s<small>&nbsp;</small></th>",
				factor_name((enum factor)i));
	if (summary->repeated)
		fputs("<th>runs<small>&nbsp;</small></th>", page);
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (form->head)
			fprintf(page, "<th>%s<small>%s</small></th>", form->head,
				*form->unit ? form->unit : "&nbsp;");
	fputs("</tr>\n</thead>\n", page);
}

static void write_measure(FILE *page, const struct metric_form *form, const struct measure *measure)
{
	char text[FORM_TEXT];
	const char *number = form_write(text, form, measure);

	fputs("<td>", page);
	if (!strncmp(number, "<=", 2)) {
		fputs("≤", page);
		number += 2;
	}
	html_text(page, number);
	fputs("</td>", page);
}

static void write_row(FILE *page, const struct summary *summary, const struct panels *panels,
		      const struct summary_row *row)
{
	fprintf(page, "<tr><th class=\"name\"><i class=\"chip\" style=\"background:%s\"></i>",
		figure_colour(panels_colour(panels, row->first)));
	html_text(page, row->first->factors[FACTOR_ALLOCATOR]);
	fputs("</th>", page);
	for (int i = FACTOR_ALLOCATOR + 1; i < FACTOR_COUNT; i++) {
		if (!summary->shown[i])
			continue;
		fputs("<td class=\"name\">", page);
		html_text(page, row->first->factors[i]);
		fputs("</td>", page);
	}
	if (summary->repeated)
		fprintf(page, "<td>%zu</td>", row->runs);
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (form->head)
			write_measure(page, form, &row->metrics[form->metric]);
	fputs("</tr>\n", page);
}

static void write_meanings(FILE *page)
{
	fputs("<dl class=\"meanings\">\n", page);
	for (const struct metric_form *form = metric_forms; form->key; form++)
		if (form->head)
			fprintf(page, "<div><dt>%s%s%s</dt><dd>%s</dd></div>\n", form->group,
				*form->group ? " " : "", form->head, form->meaning);
	fputs("</dl>\n", page);
}

void page_table(FILE *page, const struct summary *summary, const struct panels *panels)
{
	char note[SUMMARY_NOTE];

	if (!summary->count)
		return;
	fputs("<h2>The numbers, of the last burst</h2>\n<div class=\"scroll\"><table>\n", page);
	write_heads(page, summary);
	fputs("<tbody>\n", page);
	for (size_t i = 0; i < summary->count; i++)
		write_row(page, summary, panels, &summary->rows[i]);
	fputs("</tbody>\n</table></div>\n<p class=\"legend\">", page);
	fprintf(page,
		"<b>&gt;</b> and <b>≤</b>: censored, the window ended before more could be known. "
		"<b>-</b>: not available.%s</p>\n",
		summary->repeated ? " Each row shows the medians of its runs." : "");
	for (size_t i = 0; i < summary->count; i++) {
		if (!summary_note(note, &summary->rows[i]))
			continue;
		fputs("<p class=\"legend\">", page);
		html_text(page, note);
		fputs("</p>\n", page);
	}
	fputs("<h3>How to read the table</h3>\n", page);
	write_meanings(page);
}
