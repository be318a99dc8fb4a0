/*
 * report.c - report.html. See report.h.
 */
#include "analysis/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/figures.h"
#include "analysis/page.h"
#include "analysis/summary.h"
#include "analysis/whole.h"

struct report {
	const char *directory;
	char folder[PATH_MAX]; /* of the figures */
	struct summary summary;
	struct figures figures;
};

/* Returns 0 or -errno. */
static int write_page(FILE *page, const void *context)
{
	const struct report *report = context;
	const struct figures *figures = &report->figures;
	int error;

	page_head(page, figures);
	error = page_verdict(page, figures);
	for (int group = 0; group < FIGURES_BILL && !error; group++)
		error = page_figures(page, figures, (enum figure_group)group, report->folder);
	if (error)
		return error;
	page_tables(page, &report->summary, &figures->panels);
	error = page_figures(page, figures, FIGURES_BILL, report->folder);
	page_voids(page, &report->summary);
	page_setting(page, &report->summary);
	page_foot(page);
	return !error && fflush(page) ? -errno : error;
}

int report_write(const struct experiment *experiment, const char *directory, char why[REPORT_WHY])
{
	struct report report = { .directory = directory };
	int error = summary_build(&report.summary, experiment);

	snprintf(report.folder, sizeof(report.folder), "%s/figures", directory);
	if (!error)
		error = figures_build(&report.figures, &report.summary);
	if (error)
		snprintf(why, REPORT_WHY, "the report: %s", strerror(-error));
	else
		error = figures_draw(&report.figures, report.folder, why);
	if (!error)
		error = whole_write(directory, "report.html", write_page, &report, why, REPORT_WHY);
	figures_free(&report.figures);
	summary_free(&report.summary);
	return error;
}
