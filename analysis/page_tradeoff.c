/*
 * page_tradeoff.c - how to read the charts of cost and benefit in report.html. See page.h.
 */
#include <math.h>

#include "analysis/html.h"
#include "analysis/page.h"

#define LISTED 8 /* of the front */

static void write_price(FILE *page, const struct tradeoff *tradeoff)
{
	fputs("<p><b>The server's time</b>, for each burst, goes into releasing (the stalls of the "
	      "policy's releases, and the allocator's own system calls that give memory back) and "
	      "faulting (pages that the last burst had to take again",
	      page);
	if (!isnan(tradeoff->touch))
		fprintf(page, ", each at the %.1f µs that the first touch of a page took here",
			tradeoff->touch / 1e3);
	fputs("). It leaves out the allocator's work outside of the kernel. <b>Latency</b> is what "
	      "clients feel: the time to connect in the last burst that 99 of 100 did not "
	      "exceed.</p>\n",
	      page);
}

static void write_front(FILE *page, const struct figures *figures)
{
	const struct tradeoff *tradeoff = &figures->tradeoff;
	const struct summary *summary = figures->summary;
	char label[SUMMARY_NOTE];
	size_t listed = 0;

	fputs("<p>On the front, by waste and the server's time:</p>\n<ul>\n", page);
	for (size_t i = 0; i < tradeoff->count; i++) {
		const struct run *run = summary->rows[i].first;

		if (!tradeoff->front[PRICE_TIME][i] || listed++ >= LISTED)
			continue;
		fputs("<li><b>", page);
		html_text(page, run->factors[FACTOR_ALLOCATOR]);
		fputs(" ", page);
		html_text(page, run->factors[FACTOR_RELEASE]);
		fputs("</b> ", page);
		html_text(page, summary_label(label, summary, run));
		fprintf(page, "%s%.1f MiB s at %.1f ms</li>\n", *label ? ": " : "",
			tradeoff->waste[i].middle, tradeoff->price[PRICE_TIME][i].middle);
	}
	if (listed > LISTED)
		fprintf(page, "<li>and %zu more</li>\n", listed - LISTED);
	fputs("</ul>\n", page);
}

void page_tradeoff_legend(FILE *page, const struct figures *figures)
{
	bool any = false;

	for (size_t i = 0; i < figures->tradeoff.count; i++)
		any |= figures->tradeoff.front[PRICE_TIME][i];
	fputs("<p><b>How to read this.</b> Each point is one row of the table. Lower is better: "
	      "less memory held for nobody, times how long. Further left is better: less paid for "
	      "it. The dashed line is the Pareto front: whatever lies above it or to its right is "
	      "beaten in both by a point on it; among the points on it the choice is yours. Points "
	      "that lie on each other are drawn as rings around one of them.</p>\n",
	      page);
	if (figures->tradeoff.load_count > 1)
		fputs("<p>Each load has charts and a front of its own: with another footprint, "
		      "other survivors or another limit there is other memory to waste.</p>\n",
		      page);
	if (figures->tradeoff.load_count * PRICES > FIGURES_MOST)
		fprintf(page, "<p>Of %zu loads the first %d are drawn.</p>\n",
			figures->tradeoff.load_count, FIGURES_MOST / PRICES);
	write_price(page, &figures->tradeoff);
	if (any && figures->tradeoff.load_count == 1)
		write_front(page, figures);
}
