/*
 * page_contrast.c - how rows differ from their controls, in report.html. See page.h.
 */
#include <math.h>

#include "analysis/html.h"
#include "analysis/page.h"
#include "analysis/table.h"

static void write_heads(FILE *page, const struct summary *summary)
{
	enum metric metric;

	fputs("<thead>\n<tr>", page);
	page_row_heads(page, summary);
	fputs("<th class=\"name\" scope=\"col\">against<small>&nbsp;</small></th>", page);
	for (size_t i = 0; (metric = table_contrasted(summary, i)) < METRIC_COUNT; i++) {
		const struct metric_form *form = form_of(metric);

		fprintf(page, "<th scope=\"col\">%s%s%s<small>%s</small></th>", form->group,
			*form->group ? " " : "", form->head, *form->unit ? form->unit : "&nbsp;");
	}
	fputs("</tr>\n</thead>\n", page);
}

/* No difference sorts as none; a bound as itself; what is not known as absent. */
static void write_difference(FILE *page, const struct metric_form *form,
			     const struct difference *difference)
{
	const struct range *median = &difference->median;
	bool none = difference->verdict == DIFFERENCE_NONE;
	bool unknown = difference->verdict == DIFFERENCE_UNKNOWN;
	double known = isinf(median->low) ? median->high : median->low;
	char text[FORM_DIFFERENCE];

	if (difference->verdict == DIFFERENCE_ABSENT || unknown || (!none && isinf(known)))
		fprintf(page, "<td data-value=\"\"%s>", unknown ? " class=\"none\"" : "");
	else
		fprintf(page, "<td data-value=\"%.9g\"%s>", none ? 0 : known,
			none ? " class=\"none\"" : "");
	html_text(page, form_difference(text, form, difference));
	fputs("</td>", page);
}

static void write_row(FILE *page, const struct summary *summary, const struct panels *panels,
		      const struct summary_row *row)
{
	enum metric metric;

	page_row_names(page, summary, panels, row);
	fputs("<td class=\"name\">", page);
	html_text(page, row->control->first->factors[FACTOR_ALLOCATOR]);
	fputs(" ", page);
	html_text(page, row->control->first->factors[FACTOR_RELEASE]);
	fputs("</td>", page);
	for (size_t i = 0; (metric = table_contrasted(summary, i)) < METRIC_COUNT; i++)
		write_difference(page, form_of(metric), &row->differences[metric]);
	fputs("</tr>\n", page);
}

void page_contrast(FILE *page, const struct summary *summary, const struct panels *panels)
{
	fputs("<h2 id=\"differences\">What differs from the control</h2>\n<div class=\"scroll\">"
	      "<table class=\"sortable\">\n",
	      page);
	write_heads(page, summary);
	fputs("<tbody>\n", page);
	for (size_t i = 0; i < summary->count; i++)
		if (summary->rows[i].control)
			write_row(page, summary, panels, &summary->rows[i]);
	fprintf(page,
		"</tbody>\n</table></div>\n<p class=\"legend\">Medians of the differences to the "
		"control that ran in the same block; in parentheses the range that holds with 95 %% "
		"for both questions of a row together: does it keep more or less, does it cost more "
		"or less? (With traffic there is a third, are its answers dearer or cheaper, and it is "
		"94 %% for all.) Where waste does not differ, nothing is said of the other memory "
		"figures, where CPU time does not, nothing of connect times, and where that of an "
		"operation does not, nothing of throughput and latency. A figure without a range: too "
		"few repeats to tell; %zu are needed for memory, %zu for the others. "
		"Cannot tell: the window ended before either was known.</p>\n",
		question_needs(QUESTION_KEPT), question_needs(QUESTION_COST));
}
