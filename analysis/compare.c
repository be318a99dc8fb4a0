/*
 * compare.c - `tidemark compare A B`. See compare.h.
 */
#include "analysis/compare.h"

#include <errno.h>
#include <string.h>

#include "analysis/load.h"
#include "server/base/options.h"
#include "server/base/process.h"

struct compare_options {
	const char *renames;
	int force;
	int json;
	int help;
};

static const struct option_row rows[] = {
	{ "match", "OLD=NEW", offsetof(struct compare_options, renames), option_text, NULL,
	  "compare allocator OLD of A with NEW of B (several with commas)" },
	{ "force", NULL, offsetof(struct compare_options, force), option_switch, NULL,
	  "compare also what is not comparable, and say in what it differs" },
	{ "json", NULL, offsetof(struct compare_options, json), option_switch, NULL,
	  "print the comparison as JSON" },
	{ "help", NULL, offsetof(struct compare_options, help), option_switch, NULL, "print this" },
	{ 0 },
};

static void print_help(void)
{
	printf("usage: tidemark compare [options] A B\n\n"
	       "What changed from run directory A to B, and whether it is beyond noise.\n\n"
	       "Options:\n");
	options_help(rows, stdout);
	printf("\nFor example: tidemark compare --match jemalloc=jemalloc@dev runs/OLD runs/NEW\n"
	       "\nExit status: 0 when they were compared, whatever came out; 1 when they cannot "
	       "be; 2 for a bad option.\n");
}

struct refusal {
	char text[COMPARISON_WHY];
	size_t used;
};

static void collect_obstacle(void *context, const char *text)
{
	struct refusal *refusal = context;

	if (refusal->used < sizeof(refusal->text))
		refusal->used += (size_t)snprintf(refusal->text + refusal->used,
						  sizeof(refusal->text) - refusal->used, "%s%s",
						  refusal->used ? "; " : "", text);
}

static int print_result(const struct comparison *comparison, const struct compare_options *options)
{
	int error = 0;

	if (options->json) {
		json_t *document = comparison_json(comparison);

		error = json_dumpf(document, stdout, JSON_INDENT(2));
		json_decref(document);
		printf("\n");
	} else {
		error = comparison_print(comparison, stdout);
	}
	if (!error && !fflush(stdout))
		return 0;
	process_say("stdout: %s", strerror(error < 0 ? ENOMEM : errno));
	return 1;
}

static bool has_allocator(const struct summary *summary, const char *name, size_t length)
{
	for (size_t i = 0; i < summary->count; i++) {
		const char *allocator = summary->rows[i].first->factors[FACTOR_ALLOCATOR];

		if (strlen(allocator) == length && !strncmp(allocator, name, length))
			return true;
	}
	return false;
}

/* One "OLD=NEW" of that length. Returns 0, or 2 after a line on stderr. */
static int check_rename(const struct summary *a, const struct summary *b, const char *term,
			int length)
{
	int old = (int)strcspn(term, "=,"), other = length - old - 1;

	if (other <= 0)
		process_say("--match: '%.*s' is not OLD=NEW (for example jemalloc=jemalloc@dev)",
			    length, term);
	else if (!has_allocator(a, term, (size_t)old))
		process_say("--match: A has no allocator '%.*s'", old, term);
	else if (!has_allocator(b, term + old + 1, (size_t)other))
		process_say("--match: B has no allocator '%.*s'", other, term + old + 1);
	else
		return 0;
	return 2;
}

static int check_renames(const struct summary *a, const struct summary *b, const char *renames)
{
	int status = 0;

	for (const char *term = renames; term && *term && !status; term += *term == ',') {
		size_t length = strcspn(term, ",");

		status = check_rename(a, b, term, (int)length);
		term += length;
	}
	return status;
}

static int compare_summaries(const struct summary *a, const struct summary *b,
			     const struct compare_options *options)
{
	struct refusal refusal = { .used = 0 };
	struct comparison comparison;
	char why[COMPARISON_WHY];
	int status = 1;

	if (comparison_build(&comparison, a, b, options->renames, why)) {
		process_say("%s", why);
		return 1;
	}
	comparison_obstacles(&comparison, collect_obstacle, &refusal);
	if (refusal.used && !options->force)
		process_say("not comparable: %s (--force compares all the same)", refusal.text);
	else
		status = print_result(&comparison, options);
	comparison_free(&comparison);
	return status;
}

/* Returns 0, or the exit status after a line on stderr. */
static int load(struct experiment **experiment, struct summary *summary, const char *directory)
{
	char why[LOAD_WHY];
	int error = experiment_load(experiment, directory, why);

	if (!error) {
		error = summary_build(summary, *experiment);
		snprintf(why, sizeof(why), "%s: %s", directory, strerror(ENOMEM));
	}
	if (error)
		process_say("%s", why);
	return error ? 1 : 0;
}

int compare(int argc, char *const argv[])
{
	struct compare_options options = { 0 };
	struct experiment *a = NULL, *b = NULL;
	struct summary of_a = { 0 }, of_b = { 0 };
	char why[OPTIONS_WHY];
	int operand = options_parse(rows, &options, argc, argv, why), status;

	if (operand < 0) {
		process_say("%s", why);
		return 2;
	}
	if (options.help) {
		print_help();
		return 0;
	}
	if (argc - operand != 2) {
		process_say("compare: name two run directories");
		return 2;
	}
	status = load(&a, &of_a, argv[operand]);
	if (!status)
		status = load(&b, &of_b, argv[operand + 1]);
	if (!status)
		status = check_renames(&of_a, &of_b, options.renames);
	if (!status)
		status = compare_summaries(&of_a, &of_b, &options);
	summary_free(&of_a);
	summary_free(&of_b);
	experiment_free(a);
	experiment_free(b);
	return status;
}
