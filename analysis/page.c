/*
 * page.c - the parts of report.html, but its table. See page.h.
 */
#include "analysis/page.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/html.h"
#include "analysis/table.h"
#include "server/base/units.h"

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void write_circumstances(FILE *page, const json_t *about)
{
	const json_t *environment = json_object_get(about, "environment");
	json_int_t cpus = json_integer_value(json_object_get(environment, "cpus"));
	json_int_t ns = json_integer_value(json_object_get(about, "realtime_ns"));
	const char *kernel = text_of(environment, "kernel");
	time_t seconds = (time_t)(ns / 1000000000);
	char date[64];
	struct tm utc;

	fputs("<p class=\"soft\">", page);
	if (ns > 0 && gmtime_r(&seconds, &utc)) {
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &utc);
		fputs(date, page);
	}
	if (kernel) {
		fputs(" · Linux ", page);
		html_text(page, kernel);
	}
	if (cpus > 0)
		fprintf(page, " · %" JSON_INTEGER_FORMAT " CPU%s", cpus, cpus == 1 ? "" : "s");
	fputs("</p>\n", page);
}

static void write_title(FILE *page, const struct experiment *experiment)
{
	const char *label = text_of(experiment->about, "label");

	fputs("tidemark: ", page);
	html_text(page, label ? label : "experiment");
}

static void write_table_links(FILE *page, const struct summary *summary)
{
	fputs("<a href=\"#numbers\">The numbers</a>\n", page);
	if (summary_talks(summary))
		fputs("<a href=\"#traffic\">Answers</a>\n", page);
}

/* Only to what is there. */
static void write_links(FILE *page, const struct figures *figures)
{
	fputs("<nav aria-label=\"Parts of this report\">\n", page);
	for (int group = 0; group < FIGURE_GROUPS; group++) {
		if (group == FIGURES_BILL && figures->summary->count)
			write_table_links(page, figures->summary);
		if (figures->count[group])
			fprintf(page, "<a href=\"#%s\">%s</a>\n",
				page_figures_id((enum figure_group)group),
				page_figures_name((enum figure_group)group));
	}
	if (figures->summary->voids)
		fputs("<a href=\"#void\">Void runs</a>\n", page);
	fputs("<a href=\"#setting\">What was run</a>\n</nav>\n", page);
}

void page_head(FILE *page, const struct figures *figures)
{
	const struct experiment *experiment = figures->summary->experiment;

	/* The policy holds the promise that nothing is fetched. */
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
	      page);
	write_title(page, experiment);
	fprintf(page, "</title>\n<style>\n%s%s%s</style>\n</head>\n<body>\n<main>\n<h1>",
		page_style, page_style_data, page_style_print);
	write_title(page, experiment);
	fputs("</h1>\n", page);
	write_circumstances(page, experiment->about);
	write_links(page, figures);
}

void page_voids(FILE *page, const struct summary *summary)
{
	const struct experiment *experiment = summary->experiment;

	if (!summary->voids)
		return;
	fputs("<h2 id=\"void\">Void runs</h2>\n<p>These did not do their work. They are in no "
	      "number above.</p>\n<ul>\n",
	      page);
	for (size_t i = 0; i < experiment->count; i++) {
		if (!experiment->runs[i].is_void)
			continue;
		fputs("<li><b>", page);
		html_text(page, experiment->runs[i].name);
		fputs("</b>: ", page);
		html_text(page, experiment->runs[i].reason);
		fputs("</li>\n", page);
	}
	fputs("</ul>\n", page);
}

/* Is there an earlier row of the same allocator? */
static bool is_known(const struct summary *summary, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (!strcmp(summary->rows[i].first->factors[FACTOR_ALLOCATOR],
			    summary->rows[row].first->factors[FACTOR_ALLOCATOR]))
			return true;
	return false;
}

static void write_cell(FILE *page, const char *text)
{
	fputs("<td>", page);
	html_text(page, text ? text : "-");
	fputs("</td>", page);
}

static void write_allocators(FILE *page, const struct summary *summary)
{
	if (!summary->count)
		return;
	fputs("<h3>Allocators</h3>\n<div class=\"scroll\"><table class=\"wide\">\n<thead><tr>"
	      "<th>allocator</th><th>version</th><th>how it is known to be the live one</th></tr>"
	      "</thead>\n<tbody>\n",
	      page);
	for (size_t i = 0; i < summary->count; i++) {
		const struct run *run = summary->rows[i].first;
		const json_t *server = json_object_get(run->about, "server");

		if (is_known(summary, i))
			continue;
		fputs("<tr><th>", page);
		html_text(page, run->factors[FACTOR_ALLOCATOR]);
		fputs("</th>", page);
		write_cell(page, text_of(server, "version"));
		write_cell(page, text_of(server, "proof"));
		fputs("</tr>\n", page);
	}
	fputs("</tbody>\n</table></div>\n", page);
}

/* They stand there as bytes, and none as 0. */
static void write_limits(FILE *page, const json_t *limits)
{
	const json_t *limit;
	char text[32];
	size_t i;

	if (!json_array_size(limits))
		return;
	fputs("<div><dt>memory_limits</dt><dd>", page);
	json_array_foreach(limits, i, limit)
	{
		const char *value = json_string_value(limit);
		double bytes = value ? strtod(value, NULL) : json_number_value(limit);

		fputs(i ? " " : "", page);
		html_text(page, bytes > 0 ? format_size(text, sizeof(text), bytes) : "none");
	}
	fputs("</dd></div>\n", page);
}

void page_setting(FILE *page, const struct summary *summary)
{
	static const char *const told[] = { "format",	     "version",	    "boot_id",
					    "monotonic_ns",  "realtime_ns", "command",
					    "order",	     "label",	    "environment",
					    "memory_limits", "sessions",    NULL };
	const json_t *about = summary->experiment->about;

	fputs("<h2 id=\"setting\">What was run</h2>\n<dl>\n", page);
	html_pairs(page, about, told);
	write_limits(page, json_object_get(about, "memory_limits"));
	fputs("</dl>\n", page);
	write_allocators(page, summary);
	fputs("<h3>Machine</h3>\n<dl>\n", page);
	html_pairs(page, json_object_get(about, "environment"), NULL);
	fputs("</dl>\n", page);
}

void page_foot(FILE *page)
{
	fprintf(page,
		"<footer>Made by tidemark report from the files beside this page; the figures are "
		"in figures/ as well, as SVG and as PDF.</footer>\n</main>\n<script>\n%s</script>\n"
		"</body>\n</html>\n",
		page_script);
}
