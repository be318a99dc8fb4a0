/*
 * page_verdict.c - what the experiment says in words, and the command that repeats it. See page.h.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>

#include "analysis/contrast.h"
#include "analysis/html.h"
#include "analysis/page.h"
#include "analysis/table.h"

#define NAMED 4 /* more rows than that are counted */
#define LOADS 4 /* that have a verdict: as many as have charts */

/* A number and its "%" stay on one line. */
static void write_sentence(FILE *page, const char *sentence)
{
	const char *space;

	fputs("<p class=\"takeaway\">", page);
	for (; (space = strstr(sentence, " %")); sentence = space + 1) {
		char *before = strndup(sentence, (size_t)(space - sentence));

		html_text(page, before ? before : "");
		fputs("&nbsp;", page);
		free(before);
	}
	html_text(page, sentence);
	fputs("</p>\n", page);
}

/* "glibc quiet=1s": all that is to be chosen. */
static void write_row(FILE *page, const struct summary *summary, size_t i)
{
	const struct run *run = summary->rows[i].first;
	char choice[SUMMARY_NOTE];

	html_text(page, run->factors[FACTOR_ALLOCATOR]);
	fputs(" ", page);
	html_text(page, tradeoff_choice(choice, summary, run));
}

/* The row of the load with the least, or the number of rows when nothing is known. */
static size_t find_least(const struct tradeoff *tradeoff, const struct spread *spreads, size_t load)
{
	size_t least = tradeoff->count;

	for (size_t i = 0; i < tradeoff->count; i++)
		if (tradeoff->loads[i] == load && !isnan(spreads[i].middle) &&
		    (least == tradeoff->count || spreads[i].middle < spreads[least].middle))
			least = i;
	return least;
}

static void write_rest(FILE *page, size_t count)
{
	if (count > NAMED)
		fprintf(page, " and %zu more", count - NAMED);
}

static enum difference_verdict compare(const struct figures *figures, size_t i, size_t best,
				       enum question question)
{
	const struct summary_row *rows = figures->summary->rows;

	return contrast_between(&rows[i], &rows[best], question);
}

/*
 * Rows of the load that the question does not tell from the best one, or whose repeats reach into
 * its own where it was not asked. Of a row without figures nobody knows whether it is worse.
 */
static void write_close_ones(FILE *page, const struct figures *figures,
			     const struct spread *spreads, size_t best, enum question question)
{
	const size_t *loads = figures->tradeoff.loads;
	size_t count = 0, apart = 0, others = 0;

	if (!figures->summary->repeated)
		return;
	for (size_t i = 0; i < figures->tradeoff.count; i++) {
		enum difference_verdict verdict = compare(figures, i, best, question);
		bool beyond = spreads[i].low > spreads[best].high;

		if (i == best || loads[i] != loads[best])
			continue;
		others++;
		apart += beyond && verdict != DIFFERENCE_NONE;
		if (isnan(spreads[i].low) || verdict >= DIFFERENCE_LESS ||
		    (beyond && verdict != DIFFERENCE_NONE) || count++ >= NAMED)
			continue;
		fputs(count > 1 ? "; " : " As good, as far as the repeats tell: ", page);
		write_row(page, figures->summary, i);
	}
	write_rest(page, count);
	if (count)
		fputs(".", page);
	else if (others && apart == others &&
		 figures->summary->rows[best].runs >= question_needs(question))
		fputs(" Every repeat of the others is worse.", page);
}

/*
 * What the question says against naming the best one: another is found to be better, or none of the
 * others is told from it. Returns whether it may be named.
 */
static bool write_objection(FILE *page, const struct figures *figures, const struct spread *spreads,
			    size_t best, enum question question)
{
	static const char *const better[QUESTIONS] = { "keep less", "cost less", "answer cheaper" };
	const size_t *loads = figures->tradeoff.loads;
	size_t known = 0, same = 0;

	for (size_t i = 0; i < figures->tradeoff.count; i++) {
		enum difference_verdict verdict = compare(figures, i, best, question);

		if (i == best || loads[i] != loads[best])
			continue;
		if (verdict == DIFFERENCE_LESS) {
			fputs("not told, as ", page);
			write_row(page, figures->summary, i);
			fprintf(page, " is found to %s; least: ", better[question]);
			return false;
		}
		known += !isnan(spreads[i].middle);
		same += !isnan(spreads[i].middle) && verdict == DIFFERENCE_NONE;
	}
	if (!known || same < known)
		return true;
	fputs("none is told apart; least: ", page);
	return false;
}

static void write_least(FILE *page, const struct figures *figures, size_t load)
{
	const struct tradeoff *tradeoff = &figures->tradeoff;
	const struct spread *time = tradeoff->price[PRICE_TIME];
	size_t waste = find_least(tradeoff, tradeoff->waste, load);
	size_t cheap = find_least(tradeoff, time, load);
	bool named;

	if (waste < tradeoff->count) {
		fputs("<li><b>Keeps least:</b> ", page);
		named = write_objection(page, figures, tradeoff->waste, waste, QUESTION_KEPT);
		write_row(page, figures->summary, waste);
		fprintf(page,
			", which wasted %.1f MiB s after the last burst (memory that nobody used, "
			"times how long it was held).",
			tradeoff->waste[waste].middle);
		if (named)
			write_close_ones(page, figures, tradeoff->waste, waste, QUESTION_KEPT);
		fputs("</li>\n", page);
	}
	if (cheap < tradeoff->count) {
		fputs("<li><b>Is cheapest:</b> ", page);
		named = write_objection(page, figures, time, cheap, QUESTION_COST);
		write_row(page, figures->summary, cheap);
		fprintf(page,
			", with %.1f ms of the server's time a burst for giving memory back and "
			"taking it again.",
			time[cheap].middle);
		if (named)
			write_close_ones(page, figures, time, cheap, QUESTION_COST);
		fputs("</li>\n", page);
	}
}

/* Is one row worse in every one of enough repeats, none of them unknown, and none found better? */
static bool is_answer_established(const struct figures *figures, size_t best)
{
	const struct spread *answering = figures->tradeoff.answering;
	const size_t *loads = figures->tradeoff.loads;
	bool worse = false;

	for (size_t i = 0; i < figures->tradeoff.count; i++) {
		const struct summary_row *row = &figures->summary->rows[i];
		enum difference_verdict verdict = compare(figures, i, best, QUESTION_ANSWERS);

		if (loads[i] != loads[best])
			continue;
		if (verdict == DIFFERENCE_LESS ||
		    row->intervals[METRIC_CPU_OPERATION].count < question_needs(QUESTION_ANSWERS) ||
		    row->metrics[METRIC_CPU_OPERATION].doubtful)
			return false;
		worse |= answering[i].low > answering[best].high && verdict != DIFFERENCE_NONE;
	}
	return worse;
}

/* Of what was asked and answered nothing is said that repeats do not show. */
static void write_cheapest_answers(FILE *page, const struct figures *figures, size_t load)
{
	const struct spread *answering = figures->tradeoff.answering;
	size_t best = find_least(&figures->tradeoff, answering, load);

	if (best == figures->tradeoff.count || !is_answer_established(figures, best))
		return;
	fputs("<li><b>Answers cheapest:</b> ", page);
	write_row(page, figures->summary, best);
	fprintf(page, ", with %.2f µs of the server's CPU time an operation.",
		answering[best].middle);
	write_close_ones(page, figures, answering, best, QUESTION_ANSWERS);
	fputs("</li>\n", page);
}

static void write_bargains(FILE *page, const struct figures *figures, size_t load)
{
	const struct tradeoff *tradeoff = &figures->tradeoff;
	size_t count = 0;

	for (size_t i = 0; i < tradeoff->count; i++) {
		if (tradeoff->loads[i] != load || !tradeoff->front[PRICE_TIME][i] ||
		    count++ >= NAMED)
			continue;
		fputs(count > 1 ? "; " : "<li><b>Beaten by none in both, by the medians:</b> ",
		      page);
		write_row(page, figures->summary, i);
		fprintf(page, " (%.1f MiB s at %.1f ms)", tradeoff->waste[i].middle,
			tradeoff->price[PRICE_TIME][i].middle);
	}
	write_rest(page, count);
	if (count)
		fputs(": see <a href=\"#cost\">cost and benefit</a>.</li>\n", page);
}

/* Rows are compared with those of the same load only. */
static void write_load(FILE *page, const struct figures *figures, size_t load)
{
	const struct summary *summary = figures->summary;
	char name[SUMMARY_NOTE];
	size_t i = 0;

	while (figures->tradeoff.loads[i] != load)
		i++;
	if (figures->tradeoff.load_count > 1) {
		fputs("<h3>With ", page);
		html_text(page, tradeoff_load(name, summary, summary->rows[i].first));
		fputs("</h3>\n", page);
	}
	fputs("<ul>\n", page);
	write_least(page, figures, load);
	write_cheapest_answers(page, figures, load);
	write_bargains(page, figures, load);
	fputs("</ul>\n", page);
}

static void write_command(FILE *page, const struct experiment *experiment)
{
	const json_t *command = json_object_get(experiment->about, "command");

	if (!json_array_size(command))
		return;
	fputs("<p class=\"soft\">The command that repeats it, in the same order of runs:</p>\n"
	      "<div class=\"command\"><pre>tidemark ",
	      page);
	html_command(page, command);
	fputs("</pre></div>\n", page);
}

int page_verdict(FILE *page, const struct figures *figures)
{
	const struct summary *summary = figures->summary;
	char *sentence = takeaway(summary);

	if (!sentence)
		return -ENOMEM;
	fputs("<div class=\"verdict\">\n", page);
	write_sentence(page, sentence);
	free(sentence);
	for (size_t load = 0; load < MIN(figures->tradeoff.load_count, LOADS); load++)
		write_load(page, figures, load);
	fputs("</div>\n", page);
	if (summary->voids)
		fprintf(page,
			"<p class=\"warning\">%zu of %zu runs did not do their work and count "
			"nowhere: see <a href=\"#void\">void runs</a>.</p>\n",
			summary->voids, summary->experiment->count);
	write_command(page, summary->experiment);
	return 0;
}
