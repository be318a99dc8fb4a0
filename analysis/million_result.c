/*
 * million_result.c - what a study found, for people. See million_result.h.
 */
#include "analysis/million_result.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analysis/million_figures.h"
#include "server/base/units.h"

#define TEXT 64

const struct million_pass *million_result_held(const struct million_result *result)
{
	return &result->passes[result->passes[MILLION_WARM].count ? MILLION_WARM : MILLION_COLD];
}

/* One line of the upper table: a number for each state, "-" where it did not run. */
static void print_states(FILE *file, const char *name, const double values[MILLION_STATES],
			 const char *format)
{
	char text[TEXT];

	fprintf(file, "  %-34s", name);
	for (int i = 0; i < MILLION_STATES; i++) {
		snprintf(text, sizeof(text), "-");
		if (values[i] > 0)
			snprintf(text, sizeof(text), format, values[i]);
		fprintf(file, " %12s", text);
	}
	fputc('\n', file);
}

static void print_rates(const struct million_result *result, const struct million *million,
			FILE *file)
{
	double connections = (double)million->options.connections;
	double bare[MILLION_STATES], bare_rate[MILLION_STATES], own[MILLION_STATES];
	double own_rate[MILLION_STATES], share[MILLION_STATES], closed[MILLION_STATES];
	double touch[MILLION_STATES], other[MILLION_STATES];

	for (int i = 0; i < MILLION_STATES; i++) {
		const struct million_pass *pass = &result->passes[i];

		bare[i] = result->bares[i].establish;
		bare_rate[i] = bare[i] > 0 ? connections / bare[i] : 0;
		own[i] = pass->count ? pass->establish : 0;
		own_rate[i] = pass->count ? connections / own[i] : 0;
		share[i] = pass->count && bare[i] > 0 ? bare[i] / own[i] : 0;
		closed[i] = pass->count ? pass->close : 0;
		touch[i] = pass->count ? (double)pass->touch / 1e3 : 0;
		other[i] = bare[i] > 0 ? (double)result->bares[i].touch / 1e3 : 0;
	}
	fprintf(file, "  %-34s %12s %12s\n", "", "cold", "warm");
	print_states(file, "established in, s", own, "%.1f");
	print_states(file, "  a second", own_rate, "%.0f");
	print_states(file, "bare pair: established in, s", bare, "%.1f");
	print_states(file, "  a second", bare_rate, "%.0f");
	print_states(file, "of the bare pair's rate", share, "%.2f");
	print_states(file, "closed in, s", closed, "%.1f");
	print_states(file, "first touch of a page before, us", touch, "%.1f");
	print_states(file, "  before the bare pair, us", other, "%.1f");
}

static void print_bill(const struct million_bill *bill, const char *end, FILE *file)
{
	double sum = 0;

	for (size_t i = 0; i < bill->count; i++)
		if (!strcmp(bill->lines[i].end, end))
			sum += bill->lines[i].bytes;
	if (!(sum > 0))
		return;
	fprintf(file, "    %s's end, %.0f:", end, sum);
	for (size_t i = 0; i < bill->count; i++)
		if (!strcmp(bill->lines[i].end, end))
			fprintf(file, " %s %.0f", bill->lines[i].role, bill->lines[i].bytes);
	fputc('\n', file);
}

/* "-": there is no such number. Returns text. */
static const char *describe(char text[TEXT], const char *format, double value)
{
	snprintf(text, TEXT, "-");
	if (isfinite(value))
		snprintf(text, TEXT, format, value);
	return text;
}

static void print_growth(const struct million_figures *figures, FILE *file)
{
	char text[3][TEXT];

	fprintf(file,
		"  growth, second half over first: slab %s, server %s, pulse %s (1: linear)\n",
		describe(text[0], "%.2f", figures->bend[0]),
		describe(text[1], "%.2f", figures->bend[1]),
		describe(text[2], "%.2f", figures->bend[2]));
	fprintf(file,
		"  a second after the last close: %s of available memory and %s of slab came back\n",
		describe(text[0], "%.0f %%", 100 * figures->returned),
		describe(text[1], "%.0f %%", 100 * figures->slab_returned));
}

static void print_memory(const struct million_result *result, FILE *file)
{
	const struct million_pass *pass = million_result_held(result);
	struct million_figures figures;
	char server[32], pulse[32];

	million_figures_of(&figures, pass);
	fprintf(file, "  memory, bytes a connection\n");
	fprintf(file, "    server %.1f, beyond its base of %s\n", figures.server,
		format_size(server, sizeof(server), figures.server_base));
	fprintf(file, "    pulse %.1f, beyond its base of %s\n", figures.pulse,
		format_size(pulse, sizeof(pulse), figures.pulse_base));
	if (isnan(result->bill.pair))
		fprintf(file, "    kernel: the probe may not read the bill; slab %.0f a pair\n",
			figures.slab);
	else
		fprintf(file,
			"    kernel %.0f a pair by the bill and %.0f of descriptor tables; slab grew by "
			"%.0f (%+.1f %%)\n",
			result->bill.pair, figures.tables, figures.slab,
			100 * (figures.slab / (result->bill.pair + figures.tables) - 1));
	print_bill(&result->bill, "server", file);
	print_bill(&result->bill, "client", file);
	fprintf(file,
		"    available memory fell by %.0f a pair: slab that can be reclaimed counts as "
		"available\n",
		figures.taken);
	print_growth(&figures, file);
}

void million_result_print(const struct million_result *result, const struct million *million,
			  FILE *file)
{
	const struct million_pass *held = million_result_held(result);
	char time[32];

	fprintf(file,
		"%" PRIu64 " connections: %" PRIu64 " server workers, %" PRIu64 " or more "
		"processes of pulse\n",
		million->options.connections, million->plan.workers, million->plan.callers);
	print_rates(result, million, file);
	fprintf(file, "  held %s, none lost\n",
		format_duration(time, sizeof(time), (double)held->hold));
	print_memory(result, file);
}
