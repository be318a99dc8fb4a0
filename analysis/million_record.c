/*
 * million_record.c - what a study found, for programs, and drawn. See million_result.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "analysis/document.h"
#include "analysis/gnuplot.h"
#include "analysis/million_figures.h"
#include "analysis/million_result.h"

static json_t *real_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static void add_rates(json_t *document, const struct million_result *result,
		      const struct million *million)
{
	static const char *const names[MILLION_STATES] = { "cold", "warm" };
	double connections = (double)million->options.connections;

	for (int i = 0; i < MILLION_STATES; i++) {
		const struct million_pass *pass = &result->passes[i];
		const struct million_bare *bare = &result->bares[i];
		json_t *state = json_object();

		if (pass->count && pass->establish > 0) {
			json_object_set_new(state, "establish_s", json_real(pass->establish));
			json_object_set_new(state, "rate",
					    json_real(connections / pass->establish));
			json_object_set_new(state, "close_s", json_real(pass->close));
			json_object_set_new(state, "first_touch_ns",
					    json_integer((json_int_t)pass->touch));
			json_object_set_new(state, "warmed_bytes",
					    json_integer((json_int_t)pass->warmed));
		}
		if (bare->establish > 0) {
			json_object_set_new(state, "bare_establish_s", json_real(bare->establish));
			json_object_set_new(state, "bare_rate",
					    json_real(connections / bare->establish));
			json_object_set_new(state, "bare_first_touch_ns",
					    json_integer((json_int_t)bare->touch));
			json_object_set_new(state, "bare_warmed_bytes",
					    json_integer((json_int_t)bare->warmed));
		}
		json_object_set_new(document, names[i], state);
	}
}

static void add_memory(json_t *document, const struct million_result *result)
{
	struct million_figures figures;
	json_t *bill = json_object();
	json_t *memory = json_object();

	million_figures_of(&figures, million_result_held(result));
	json_object_set_new(memory, "server", real_or_null(figures.server));
	json_object_set_new(memory, "pulse", real_or_null(figures.pulse));
	json_object_set_new(memory, "server_base_bytes", real_or_null(figures.server_base));
	json_object_set_new(memory, "pulse_base_bytes", real_or_null(figures.pulse_base));
	json_object_set_new(memory, "bill_pair", real_or_null(result->bill.pair));
	json_object_set_new(memory, "tables_pair", real_or_null(figures.tables));
	json_object_set_new(memory, "slab_pair", real_or_null(figures.slab));
	json_object_set_new(memory, "available_pair", real_or_null(figures.taken));
	json_object_set_new(memory, "available_returned", real_or_null(figures.returned));
	json_object_set_new(memory, "slab_returned", real_or_null(figures.slab_returned));
	json_object_set_new(memory, "bend_slab", real_or_null(figures.bend[0]));
	json_object_set_new(memory, "bend_server", real_or_null(figures.bend[1]));
	json_object_set_new(memory, "bend_pulse", real_or_null(figures.bend[2]));
	json_object_set_new(document, "bytes_a_connection", memory);
	for (size_t i = 0; i < result->bill.count; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%s_%s", result->bill.lines[i].end,
			 result->bill.lines[i].role);
		json_object_set_new(bill, name, json_real(result->bill.lines[i].bytes));
	}
	json_object_set_new(document, "bill", bill);
}

json_t *million_result_json(const struct million_result *result, const struct million *million,
			    const char *reason)
{
	json_t *document = document_new("million");

	json_object_set_new(document, "verdict", json_string(reason ? "void" : "complete"));
	json_object_set_new(document, "reason", reason ? json_string(reason) : json_null());
	json_object_set_new(document, "connections",
			    json_integer((json_int_t)million->options.connections));
	json_object_set_new(document, "workers", json_integer((json_int_t)million->plan.workers));
	json_object_set_new(document, "hold_ns",
			    json_integer((json_int_t)million_result_held(result)->hold));
	add_rates(document, result, million);
	if (!reason)
		add_memory(document, result);
	return document;
}

static int write_growth(const struct million_pass *pass, const char *path)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -errno;
	fputs("time_ns,connections,slab,available,server,pulse\n", file);
	for (size_t i = 0; i < pass->count; i++) {
		const struct million_sample *sample = &pass->samples[i];

		fprintf(file,
			"%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n",
			sample->time, sample->connections, sample->machine.slab,
			sample->machine.available, sample->server, sample->pulse);
	}
	return fclose(file) ? -errno : 0;
}

/* The kernel's growth and that of the programs, each with the line through its first half. */
static void write_memory(FILE *script, const struct million_pass *pass)
{
	const struct million_sample *base = &pass->samples[0];
	const struct million_sample *half = &pass->samples[pass->count / 2];
	double step = (double)half->connections - (double)base->connections;

	fprintf(script,
		"set title 'Kernel: slab beyond the base'\nset ylabel 'MiB'\n"
		"plot 'growth.csv' skip 1 using 2:(($3-%.0f)/2**20) with points lc 1 pt 7 "
		"title 'measured', %.9f*x with lines lc 1 title 'line through its first half'\n",
		(double)base->machine.slab,
		((double)half->machine.slab - (double)base->machine.slab) / step / 1048576);
	fprintf(script,
		"set title 'Programs: anonymous memory beyond the base'\nset ylabel 'MiB'\n"
		"plot 'growth.csv' skip 1 using 2:(($5-%.0f)/2**20) with points lc 1 pt 7 "
		"title 'server', %.9f*x with lines lc 1 title 'line through its first half', "
		"'growth.csv' skip 1 using 2:(($6-%.0f)/2**20) with points lc 2 pt 9 title 'pulse', "
		"%.9f*x with lines lc 2 title 'line through its first half'\n",
		(double)base->server,
		((double)half->server - (double)base->server) / step / 1048576, (double)base->pulse,
		((double)half->pulse - (double)base->pulse) / step / 1048576);
}

/* Of a state that was run; "growth.csv" is that of the pass whose memory is told. */
static const char *readings_of(const struct million_result *result, int state)
{
	return &result->passes[state] == million_result_held(result) ? "growth.csv"
								     : "cold-growth.csv";
}

/* The burst begins between the first two readings, so that interval has no rate. */
static void write_rate(FILE *script, const struct million_result *result, int state)
{
	const struct million_pass *pass = &result->passes[state];

	fprintf(script,
		"'%s' skip 3 using 2:(d = $1-t%d, n = $2-c%d, t%d = $1, c%d = $2, n/d*1e9) "
		"with linespoints lc %d pt 7 title '%s'",
		readings_of(result, state), state, state, state, state, state + 1, pass->name);
}

static void write_rates(FILE *script, const struct million_result *result, double connections)
{
	const char *before = "plot ";

	fprintf(script, "set title 'Rate, from one reading to the next'\n"
			"set ylabel 'connections a second'\nset key below\n");
	for (int i = 0; i < MILLION_STATES; i++)
		fprintf(script, "t%d = %" PRIu64 "\nc%d = %" PRIu64 "\n", i,
			result->passes[i].samples[1].time, i,
			result->passes[i].samples[1].connections);
	for (int i = 0; i < MILLION_STATES; i++) {
		if (!result->passes[i].count)
			continue;
		fputs(before, script);
		before = ", ";
		write_rate(script, result, i);
		if (result->bares[i].establish > 0)
			fprintf(script, ", %.0f with lines lc %d dt 2 title 'bare pair, %s, mean'",
				connections / result->bares[i].establish, i + 1,
				result->passes[i].name);
	}
	fputc('\n', script);
}

static int write_readings(const struct million_result *result, const struct million *million,
			  char why[MILLION_WHY])
{
	char path[PATH_MAX + 32];
	int error = 0;

	for (int i = 0; i < MILLION_STATES && !error; i++) {
		if (!result->passes[i].count)
			continue;
		snprintf(path, sizeof(path), "%s/%s", million->directory, readings_of(result, i));
		error = write_growth(&result->passes[i], path);
	}
	if (error)
		snprintf(why, MILLION_WHY, "%.300s: %s", path, strerror(-error));
	return error;
}

int million_result_draw(const struct million_result *result, const struct million *million,
			char why[MILLION_WHY])
{
	int error = write_readings(result, million, why);
	char reason[GNUPLOT_WHY];
	FILE *script;

	if (error)
		return error;
	script = tmpfile();
	if (!script) {
		snprintf(why, MILLION_WHY, "no figure: %s", strerror(errno));
		return -errno;
	}
	fprintf(script,
		"set datafile separator ','\nset terminal svg size 720,1040 font 'sans-serif,13' "
		"background 'white'\nset output 'growth.svg'\nset multiplot layout 3,1\nset grid\n"
		"set key left top\nset xlabel 'connections open'\nset format x '%%.0s %%c'\n"
		"set xrange [0:*]\nset yrange [0:*]\nset lmargin 12\n");
	write_memory(script, million_result_held(result));
	write_rates(script, result, (double)million->options.connections);
	fprintf(script, "unset multiplot\n");
	error = gnuplot_run(script, million->directory, reason);
	if (error)
		snprintf(why, MILLION_WHY, "%s", reason);
	fclose(script);
	return error;
}
