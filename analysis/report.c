/*
 * report.c - report.html. See report.h.
 */
#include "analysis/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/bars.h"
#include "analysis/figure.h"
#include "analysis/gnuplot.h"
#include "analysis/html.h"
#include "analysis/page.h"
#include "analysis/panels.h"
#include "analysis/svg.h"

struct report {
	const char *directory;
	struct summary summary;
	struct panels panels;
	struct bars bars;
};

static void figure_path(char path[PATH_MAX], const struct report *report, const char *name)
{
	snprintf(path, PATH_MAX, "%s/figures/%s", report->directory, name);
}

/* One figure; panel is NULL for the bars. Returns 0, or -errno with a line in why. */
static int draw(const struct report *report, const struct panel *panel, char why[REPORT_WHY])
{
	const char *name = panel ? panel->file : BARS_FILE;
	FILE *script = tmpfile();
	char path[PATH_MAX];
	int error;

	if (!script) {
		error = -errno;
		snprintf(why, REPORT_WHY, "a temporary file for gnuplot: %s", strerror(errno));
		return error;
	}
	figure_path(path, report, name);
	error = panel ? figure_script(script, &report->panels, panel)
		      : bars_script(script, &report->bars);
	if (error)
		snprintf(why, REPORT_WHY, "the script of %s: %s", name, strerror(-error));
	else
		error = gnuplot_run(script, path, why);
	fclose(script);
	return error;
}

static int draw_all(const struct report *report, char why[REPORT_WHY])
{
	char path[PATH_MAX];
	int error = 0;

	figure_path(path, report, "");
	if (mkdir(path, 0777) && errno != EEXIST) {
		error = -errno;
		snprintf(why, REPORT_WHY, "%.400s: %s", path, strerror(errno));
	}
	for (size_t i = 0; i < report->panels.count && !error; i++)
		error = draw(report, &report->panels.list[i], why);
	if (report->bars.count && !error)
		error = draw(report, NULL, why);
	return error;
}

/* Returns 0 or -errno. */
static int write_figures(FILE *page, const struct report *report)
{
	char path[PATH_MAX];
	int error = 0;

	if (!report->panels.count)
		return 0;
	fputs("<h2>Held and live memory over time</h2>\n<div class=\"figures\">\n", page);
	for (size_t i = 0; i < report->panels.count && !error; i++) {
		const struct panel *panel = &report->panels.list[i];

		fputs("<figure aria-label=\"Held and live memory over time, ", page);
		html_text(page, panel->title);
		fputs("\"><div class=\"scroll\">\n", page);
		figure_path(path, report, panel->file);
		error = svg_inline(page, path, i + 1);
		fputs("</div></figure>\n", page);
	}
	fputs("</div>\n", page);
	page_figures_legend(page, &report->summary);
	return error;
}

/* Returns 0 or -errno. */
static int write_bill(FILE *page, const struct report *report)
{
	char path[PATH_MAX];
	int error;

	if (!report->bars.count)
		return 0;
	fputs("<h2>Kernel memory of a connection</h2>\n<div class=\"bill\">\n"
	      "<figure aria-label=\"Kernel memory of a connection, by item\">"
	      "<div class=\"scroll\">\n",
	      page);
	figure_path(path, report, BARS_FILE);
	error = svg_inline(page, path, report->panels.count + 1);
	fputs("</div></figure>\n<div>\n", page);
	page_bill_legend(page, &report->bars);
	fputs("</div></div>\n", page);
	return error;
}

/* Returns 0 or -errno. */
static int write_page(FILE *page, const struct report *report)
{
	int error = page_head(page, &report->summary);

	if (!error)
		error = write_figures(page, report);
	if (error)
		return error;
	page_tables(page, &report->summary, &report->panels);
	error = write_bill(page, report);
	if (error)
		return error;
	page_voids(page, &report->summary);
	page_setting(page, &report->summary);
	fputs("<footer>Made by tidemark report from the files beside this page; the figures are in "
	      "figures/ as well.</footer>\n</main>\n</body>\n</html>\n",
	      page);
	return fflush(page) ? -errno : 0;
}

/* Returns 0, or -errno with a line in why. */
static int write_file(const struct report *report, char why[REPORT_WHY])
{
	char part[PATH_MAX], path[PATH_MAX];
	FILE *page;
	int error;

	snprintf(path, sizeof(path), "%s/report.html", report->directory);
	snprintf(part, sizeof(part), "%s/report.html.part", report->directory);
	page = fopen(part, "we");
	if (!page) {
		error = -errno;
		goto out;
	}
	error = write_page(page, report);
	if (fclose(page) && !error)
		error = -errno;
	if (!error && rename(part, path))
		error = -errno;
	if (error)
		unlink(part);
out:
	if (error)
		snprintf(why, REPORT_WHY, "%.400s: %s", path, strerror(-error));
	return error;
}

int report_write(const struct experiment *experiment, const char *directory, char why[REPORT_WHY])
{
	struct report report = { .directory = directory };
	int error = summary_build(&report.summary, experiment);

	if (!error)
		error = panels_build(&report.panels, &report.summary);
	if (!error)
		error = bars_build(&report.bars, &report.summary);
	if (error)
		snprintf(why, REPORT_WHY, "the report: %s", strerror(-error));
	if (!error)
		error = draw_all(&report, why);
	if (!error)
		error = write_file(&report, why);
	bars_free(&report.bars);
	panels_free(&report.panels);
	summary_free(&report.summary);
	return error;
}
