/*
 * main.c - tidemark: runs burst experiments, computes and reports.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "analysis/compare.h"
#include "analysis/conduct.h"
#include "analysis/load.h"
#include "analysis/million.h"
#include "analysis/report.h"
#include "analysis/study.h"
#include "analysis/table.h"
#include "analysis/tidy.h"
#include "server/base/options.h"
#include "server/base/process.h"

struct subcommand {
	const char *name;
	int (*run)(int argc, char *const argv[]);
	const char *help;
};

struct report_options {
	int json;
	int help;
};

static const struct option_row report_rows[] = {
	{ "json", NULL, offsetof(struct report_options, json), option_switch, NULL,
	  "print the table as JSON and write no report" },
	{ "help", NULL, offsetof(struct report_options, help), option_switch, NULL, "print this" },
	{ 0 },
};

static int print_table_json(const struct experiment *experiment)
{
	json_t *table = table_json(experiment);
	int error = json_dumpf(table, stdout, JSON_INDENT(2));

	json_decref(table);
	printf("\n");
	return error || fflush(stdout) ? 1 : 0;
}

static int report_directory(const char *directory, const struct report_options *options)
{
	struct experiment *experiment;
	char why[OPTIONS_WHY];
	int status = 1;

	if (experiment_load(&experiment, directory, why)) {
		process_say("%s", why);
		return 1;
	}
	if (options->json)
		status = print_table_json(experiment);
	else if (tidy_write(experiment, directory, why) || report_write(experiment, directory, why))
		process_say("%s", why);
	else
		status = 0;
	if (!options->json && !status) {
		table_print(experiment, stdout);
		printf("\nReport: %s/report.html\n", directory);
	}
	if (experiment_voids(experiment) == experiment->count) {
		process_say("%s: no run is complete; see the reasons in the table", directory);
		status = 1;
	}
	experiment_free(experiment);
	return status;
}

static int report(int argc, char *const argv[])
{
	struct report_options options = { 0 };
	char why[OPTIONS_WHY];
	int operand = options_parse(report_rows, &options, argc, argv, why);

	if (operand < 0) {
		process_say("%s", why);
		return 2;
	}
	if (options.help) {
		printf("usage: tidemark report [options] RUN-DIRECTORY\n\n"
		       "Draws report.html and figures/ from what was recorded there, writes "
		       "summary.csv\nbeside them, and prints the table.\n\nOptions:\n");
		options_help(report_rows, stdout);
		printf("\nExit status: 0, 1 when there is no report or no complete run, 2 for bad "
		       "options.\n");
		return 0;
	}
	if (argc - operand != 1) {
		process_say(
			"report: name one run directory (for example runs/20260101T120000Z-burst)");
		return 2;
	}
	return report_directory(argv[operand], &options);
}

static const struct subcommand subcommands[] = {
	{ "run", conduct, "run an experiment and print its table" },
	{ "study", study, "run the experiment that answers a question" },
	{ "million", million, "open a million connections and say what each takes" },
	{ "compare", compare, "say what changed between two run directories" },
	{ "report", report, "draw report.html and write summary.csv from a run directory" },
};

#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static void print_help(FILE *file)
{
	fprintf(file, "tidemark: when a burst of connections has gone, does the server's memory go "
		      "too?\n\n");
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		fprintf(file, "  tidemark %-8s %s\n", subcommands[i].name, subcommands[i].help);
	fprintf(file, "\nEach has --help. For example:\n"
		      "  tidemark run --allocators glibc,jemalloc --release native,quiet=1s "
		      "-- --window 45s\n");
}

int main(int argc, char *argv[])
{
	const char *nearest;

	if (argc < 2) {
		print_help(stderr);
		return 2;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return 0;
	}
	for (size_t i = 0; i < SUBCOMMANDS; i++)
		if (!strcmp(argv[1], subcommands[i].name))
			return subcommands[i].run(argc - 1, argv + 1);
	nearest = options_nearest(argv[1], subcommands, SUBCOMMANDS, sizeof(subcommands[0]));
	process_say("'%s': no such command%s%s%s; --help lists them", argv[1],
		    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	return 2;
}
