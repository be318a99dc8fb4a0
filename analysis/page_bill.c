/*
 * page_bill.c - the kernel memory of a connection in report.html. See page.h.
 */
#include "analysis/html.h"
#include "analysis/page.h"

static void write_source(FILE *page, enum bill_source source)
{
	static const char *const sentences[BILL_SOURCES] = {
		[BILL_EXACT] = "Exact: the probe asked the kernel for the slab object of each.",
		[BILL_ESTIMATED] = "Estimated: this kernel does not say how large an object's slab "
				   "slot is, so these are the sizes of the types.",
		[BILL_QUEUES_ONLY] = "Only the queues are known, from sock_diag: without eBPF the "
				     "objects themselves cannot be seen.",
	};

	fputs(sentences[source], page);
}

/* What each item is made of, of the first bar. */
static void write_items(FILE *page, const struct bar *bar)
{
	fputs("<dl class=\"items\">\n", page);
	for (int item = 0; item < BILL_ITEMS; item++) {
		if (bar->bill.items[item] <= 0)
			continue;
		fprintf(page, "<div><dt><i class=\"chip\" style=\"background:%s\"></i>%s</dt><dd>",
			bars_colour((enum bill_item)item), bill_item_names[item]);
		bill_write_roles(page, &bar->bill, (enum bill_item)item);
		fputs("</dd></div>\n", page);
	}
	fputs("</dl>\n", page);
}

void page_bill_legend(FILE *page, const struct bars *bars)
{
	const struct bar *bar = &bars->list[0];

	fputs("<p><b>How to read this.</b> What one idle connection occupies in "
	      "the kernel at the server's end, in no process's RSS: mean of all connections of the "
	      "largest bill of a run that was taken while they were open and idle. ",
	      page);
	write_source(page, bar->bill.source);
	if (bars->agree)
		fputs(" One bar for all: the runs agree within 1&nbsp;%, as the kernel does not care "
		      "which allocator the server has.",
		      page);
	else
		fputs(" The list is that of the first bar.", page);
	fputs("</p>\n", page);
	write_items(page, bar);
}
