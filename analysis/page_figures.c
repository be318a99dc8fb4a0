/*
 * page_figures.c - the figures in report.html, each group with how to read it. See page.h.
 */
#include <limits.h>
#include <stdlib.h>

#include "analysis/html.h"
#include "analysis/page.h"
#include "analysis/svg.h"

static const struct {
	const char *id, *name; /* for links */
	const char *heading;
	const char *how;      /* to read it; NULL: written from what is there */
	const char *repeated; /* the same, of repeats */
} groups[FIGURE_GROUPS] = {
	[FIGURES_HELD] = {
		"held", "Over time", "Held and live memory over time",
		"Solid: what the server holds (anonymous resident memory, less LazyFree, plus swap). "
		"Dashed: what its open connections really use. The dot marks the last close of the "
		"last burst: from there on, the distance between solid and dashed is memory that "
		"nobody uses and nobody else can have. Shaded: bursts and trickles, while their "
		"connections are open, and lighter the window in which memory may come back. Triangles "
		"mark memory that the kernel took back, where it was held until then: filled in a "
		"release of the policy, open in another call (the allocator by itself). Close ones are "
		"drawn as one, and none is drawn for less than a hundredth of the axis. All panels have "
		"the same axes.",
		"Of repeated runs the first complete one is drawn.",
	},
	[FIGURES_RETENTION] = {
		"retention", "Retention", "How long it is kept",
		"Of all that the last burst added, the share that is still held although nobody uses "
		"it, from the moment when its last connection closed. Each number below the axis is ten "
		"times as late as the one before. A line that drops at 1 is memory that came back after "
		"a second; where it passes 50 and 10 % are T50 and T90 of the table. A line that stays "
		"up to the right end did not come back while anybody watched. Lines that coincide are "
		"told apart by their dashes and by their marks, each at its own places.",
		"Line: median of the repeats; band: from the lowest of them to the highest.",
	},
	[FIGURES_TRADEOFF] = {
		"cost", "Cost and benefit", "What it saves, and what that costs", NULL,
		"Point: medians of the repeats; cross: from the lowest of them to the highest.",
	},
	[FIGURES_RATCHET] = {
		"ratchet", "Ratchet", "What each burst leaves behind",
		"The lowest one-second median of what the server held behind each burst, less what its "
		"open connections used, in as much time as the shortest gap leaves: what comes back "
		"later than that counts as left. A flat line: memory is kept, but the next burst uses it again. "
		"A line that climbs is a ratchet: every burst leaves more behind, and there is no peak "
		"to plan for. The table has its slope.",
		"Line: median of the repeats; band: from the lowest of them to the highest.",
	},
	[FIGURES_CPU] = {
		"cpu", "CPU time", "Who used the CPU, and when",
		"Coloured, stacked: how busy each thread of the server was, in percent of one CPU: the "
		"top edge is all of the server, and 100 a CPU that does nothing else. The busiest "
		"threads have their own colour, all others and those that have ended are grey. Thick: "
		"the memory that the server held, on the right axis. Dashed: how many connections "
		"were planned to be open, of the most that any run planned (the axis's height): from "
		"a burst's start up at its --rate, or at once without one, and down when its --linger "
		"would be over, had all been there by then. Each number below the axis is ten times "
		"as late as the one before, so that the first burst has room and the long wait behind "
		"it little. Colour under the dashed climb, and soon behind it, is what connecting "
		"costs; colour under the flat thick line, when nothing is asked of the server, is "
		"work that nobody sees, such as a release. How much was used is "
		"measured every 10 ms, by which thread every second. All panels have the same axes.",
		"Of repeated runs the first complete one is drawn.",
	},
	[FIGURES_BILL] = { "bill", "Kernel memory", "Kernel memory of a connection", NULL, NULL },
};

const char *page_figures_id(enum figure_group group)
{
	return groups[group].id;
}

const char *page_figures_name(enum figure_group group)
{
	return groups[group].name;
}

/* Returns 0 or -errno. */
static int write_figure(FILE *page, const struct figure *figure, const char *heading,
			const char *folder, size_t number)
{
	char *readings = figure_readings(figure);
	char path[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), "%s/%s.svg", folder, figure->file);
	fprintf(page, "<figure aria-label=\"%s: ", heading);
	html_text(page, figure->title);
	if (readings) {
		fputs("; arrow keys read its values\" data-readings=\"", page);
		html_text(page, readings);
	}
	fputs("\">\n", page);
	error = svg_inline(page, path, number);
	fputs("</figure>\n", page);
	free(readings);
	return error;
}

static void write_left_out(FILE *page, const struct panels *panels)
{
	if (panels->left_out)
		fprintf(page,
			"<p>Of %zu combinations %zu are drawn, first those with a point on the "
			"Pareto front below; the table has them all.</p>\n",
			panels->count + panels->left_out, panels->count);
}

/* Of how many runs the record does not have the plan, and what is drawn for it. */
static void write_about_cpu(FILE *page, const struct cpu_plots *plots)
{
	size_t climbs = 0, lingers = 0;

	for (size_t i = 0; i < plots->count; i++) {
		climbs += !plots->ramps[i].climb_known;
		lingers += plots->ramps[i].climb_known && !plots->ramps[i].linger_known;
	}
	if (plots->left_out)
		fprintf(page, "<p>Of %zu runs the first %zu are drawn.</p>\n",
			plots->count + plots->left_out, plots->count);
	if (climbs)
		fprintf(page,
			"<p>In %zu of %zu figures the plan is not in the record: the "
			"dashed line climbs until the last connection was there, and falls while they "
			"were closed.</p>\n",
			climbs, plots->count);
	if (lingers)
		fprintf(page,
			"<p>In %zu of %zu figures the record has no --linger: the dashed line falls "
			"while the connections were really closed.</p>\n",
			lingers, plots->count);
}

static void write_how(FILE *page, const struct figures *figures, enum figure_group group)
{
	/* Below full rows of three, the reader's usual width, it takes the whole of one. */
	fprintf(page, "<div class=\"how%s\">\n", figures->count[group] % 3 ? "" : " below");
	if (group == FIGURES_BILL)
		page_bill_legend(page, &figures->bars);
	else if (group == FIGURES_TRADEOFF)
		page_tradeoff_legend(page, figures);
	else
		fprintf(page, "<p><b>How to read this.</b> %s</p>\n", groups[group].how);
	if (figures->summary->repeated && groups[group].repeated)
		fprintf(page, "<p>%s</p>\n", groups[group].repeated);
	if (group == FIGURES_CPU)
		write_about_cpu(page, &figures->cpu);
	else if (group != FIGURES_BILL && group != FIGURES_TRADEOFF)
		write_left_out(page, &figures->panels);
	page_warn(page, figures, group);
	fputs("</div>\n", page);
}

int page_figures(FILE *page, const struct figures *figures, enum figure_group group,
		 const char *folder)
{
	int error = 0;

	if (!figures->count[group])
		return 0;
	fprintf(page, "<h2 id=\"%s\">%s</h2>\n<div class=\"figures\">\n", groups[group].id,
		groups[group].heading);
	for (size_t i = 0; i < figures->count[group] && !error; i++)
		error = write_figure(page, &figures->list[group][i], groups[group].heading, folder,
				     (size_t)group * FIGURES_MOST + i + 1);
	write_how(page, figures, group);
	fputs("</div>\n", page);
	return error;
}
