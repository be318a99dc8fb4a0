/*
 * study.c - `tidemark study`. See study.h.
 *
 * Six repeats, because a difference in memory is claimed, and eight where one in cost is (decision
 * 9). Windows are four times the longest decay under test where that decay is the question, else
 * the table says what is censored. Where traffic is never idle, the window is as long as the gaps:
 * one more gap of a traffic that goes on.
 */
#include "analysis/study.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wordexp.h>

#include "analysis/conduct.h"
#include "analysis/list.h"
#include "server/base/options.h"
#include "server/base/process.h"

#define INTERRUPTED 130

struct study {
	const char *name;
	int minutes; /* with 10,000 connections a burst, the default */
	const char *question;
	const char *command; /* of tidemark run, as for a shell */
};

static const struct study studies[] = {
	{ "peak", 11,
	  "traffic stopped and RSS stays at its peak: is it survivors, caches or decay?",
	  "--allocators glibc,jemalloc,mimalloc,tcmalloc --survivors 0,1% "
	  "--tune glibc:mxfast=0 --tune jemalloc:dirty_decay_ms=0 "
	  "--tune mimalloc:decommit_delay=0 --tune tcmalloc:aggressive_decommit=true "
	  "--trickle off --repeat 6 -- --bursts 1 --linger 300ms --window 2500ms" },
	{ "busy", 9, "which release policy suits traffic that is never idle?",
	  "--allocators glibc,tcmalloc "
	  "--release native,quiet=2s,every=500ms,drop=50%,close --trickle off "
	  "--repeat 6 -- --bursts 2 --burst-gap 1500ms --linger 300ms --window 1500ms" },
	{ "knobs", 10, "what do decay time, release rate and trim threshold really do here?",
	  "--allocators glibc,jemalloc,mimalloc,tcmalloc "
	  "--tune glibc:trim_threshold=4096 --tune jemalloc:dirty_decay_ms=1000 "
	  "--tune jemalloc:dirty_decay_ms=1000,background_thread=true "
	  "--tune mimalloc:decommit_delay=0 --tune tcmalloc:release_rate=10 "
	  "--tune tcmalloc:aggressive_decommit=true --trickle off --repeat 6 -- "
	  "--bursts 1 --linger 300ms --window 5500ms" },
	{ "cost", 10, "what does giving memory back cost the next burst?",
	  "--allocators glibc,jemalloc,tcmalloc --release native,quiet=300ms,close "
	  "--trickle off --repeat 8 -- --bursts 2 --burst-gap 1s --linger 300ms "
	  "--window 1500ms" },
	{ "ratchet", 9, "does memory ratchet up over many bursts?",
	  "--allocators glibc,jemalloc,mimalloc,tcmalloc --trickle off --repeat 6 -- "
	  "--bursts 8 --burst-gap 1100ms --linger 200ms --window 1500ms" },
	{ "kernel", 3, "how much of it is the kernel's?",
	  "--allocators glibc --footprint none --footprint stackoverflow "
	  "--footprint session --survivors 10% --trickle off --repeat 6 -- --bursts 1 "
	  "--linger 1s --window 3s" },
	{ "lazyfree", 4, "does MADV_FREE only look like keeping?",
	  "--allocators jemalloc,mimalloc "
	  "--tune jemalloc:dirty_decay_ms=100,background_thread=true,muzzy_decay_ms=0 "
	  "--tune jemalloc:dirty_decay_ms=100,background_thread=true,muzzy_decay_ms=-1 "
	  "--tune mimalloc:page_reset=1 --trickle off --repeat 6 -- --bursts 1 "
	  "--linger 300ms --window 3s" },
	{ "survivors", 10, "how much do few survivors pin, by their order?",
	  "--allocators glibc,jemalloc,tcmalloc --release native,quiet=500ms "
	  "--survivors-order scattered,oldest,newest --trickle off --repeat 6 -- "
	  "--bursts 1 --linger 300ms --window 1500ms" },
	{ "floor", 38, "how low can it go, by survivors, and what do moving blocks add?",
	  "--allocators glibc,jemalloc,mimalloc,tcmalloc,slab --release quiet=200ms "
	  "--survivors 0,0.1%,1%,10% --tune jemalloc:dirty_decay_ms=0 "
	  "--tune mimalloc:decommit_delay=0 --tune tcmalloc:aggressive_decommit=true "
	  "--tune slab:compact=on --trickle off --repeat 6 -- --bursts 1 --linger 200ms "
	  "--window 1500ms" },
};

#define STUDIES (sizeof(studies) / sizeof(studies[0]))

struct study_options {
	const char *runs;
	int again;
	int dry_run;
	int help;
};

static const struct option_row rows[] = {
	{ "runs", "FOLDER", offsetof(struct study_options, runs), option_text, NULL,
	  "where run directories go (runs)" },
	{ "again", NULL, offsetof(struct study_options, again), option_switch, NULL,
	  "begin anew, also where a run directory of that study is there" },
	{ "dry-run", NULL, offsetof(struct study_options, dry_run), option_switch, NULL,
	  "print the runs and the time that they will take, and run nothing" },
	{ "help", NULL, offsetof(struct study_options, help), option_switch, NULL, "print this" },
	{ 0 },
};

static void print_list(FILE *file)
{
	int minutes = 0;

	for (size_t i = 0; i < STUDIES; i++) {
		fprintf(file, "%-10s %3d min  %s\n", studies[i].name, studies[i].minutes,
			studies[i].question);
		minutes += studies[i].minutes;
	}
	fprintf(file, "%-10s %3d min  all of them, one after the other\n", "all", minutes);
}

/* Is entry a run directory of that study? */
static bool is_of(const char *entry, const struct study *study)
{
	char end[64];
	int length = snprintf(end, sizeof(end), "-study-%s", study->name);
	size_t whole = strlen(entry);

	return isdigit((unsigned char)entry[0]) && whole > (size_t)length &&
	       !strcmp(entry + whole - length, end);
}

/* The newest run directory of the study, by its name, which begins with the time. */
static bool find_newest(const struct study *study, const char *runs, char path[PATH_MAX])
{
	struct dirent **names;
	int count = scandir(runs, &names, NULL, alphasort);
	bool found = false;

	for (int i = 0; i < count; i++) {
		if (is_of(names[i]->d_name, study))
			found = snprintf(path, PATH_MAX, "%s/%s", runs, names[i]->d_name) <
				PATH_MAX;
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	return found;
}

/* Runs the words before, then those of the command. Returns the exit status. */
static int conduct_command(const char *const *before, const char *command)
{
	struct list words = { 0 };
	wordexp_t found = { 0 };
	int error = wordexp(command, &found, WRDE_NOCMD) ? -ENOMEM : 0;
	int status = 1;

	for (; *before && !error; before++)
		error = list_add(&words, *before);
	for (size_t i = 0; i < found.we_wordc && !error; i++)
		error = list_add(&words, found.we_wordv[i]);
	if (error)
		process_say("study: %s", strerror(-error));
	else
		status = conduct((int)words.count, words.items);
	list_free(&words);
	wordfree(&found);
	return status;
}

/* An interrupted one is completed, a complete one shown. Returns the exit status. */
static int run_study(const struct study *study, const struct study_options *options)
{
	char label[64], newest[PATH_MAX];

	process_say("%s: %s", study->name, study->question);
	if (!options->again && !options->dry_run && find_newest(study, options->runs, newest))
		return conduct_command((const char *[]){ "run", "--resume", newest, NULL }, "");
	snprintf(label, sizeof(label), "study-%s", study->name);
	return conduct_command((const char *[]){ "run", "--label", label, "--runs", options->runs,
						 options->dry_run ? "--dry-run" : NULL, NULL },
			       study->command);
}

static int run_all(const struct study_options *options)
{
	int worst = 0;

	for (size_t i = 0; i < STUDIES; i++) {
		int status = run_study(&studies[i], options);

		if (status == INTERRUPTED)
			return status;
		worst = status > worst ? status : worst;
	}
	return worst;
}

static int run_named(const char *name, const struct study_options *options)
{
	const char *nearest;

	if (!strcmp(name, "all"))
		return run_all(options);
	for (size_t i = 0; i < STUDIES; i++)
		if (!strcmp(studies[i].name, name))
			return run_study(&studies[i], options);
	nearest = options_nearest(name, studies, STUDIES, sizeof(studies[0]));
	process_say("study: there is no '%s'%s%s%s; tidemark study lists them", name,
		    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	return 2;
}

int study(int argc, char *const argv[])
{
	struct study_options options = { .runs = "runs" };
	char why[OPTIONS_WHY];
	int operand = options_parse(rows, &options, argc, argv, why);

	if (operand < 0) {
		process_say("%s", why);
		return 2;
	}
	if (options.help) {
		printf("usage: tidemark study [options] [NAME|all]\n\n"
		       "Runs the experiment that answers a question; without a name, lists them.\n"
		       "One that was interrupted is completed; one that is complete is shown.\n\n");
		options_help(rows, stdout);
		return 0;
	}
	if (operand == argc) {
		print_list(stdout);
		return 0;
	}
	if (argc - operand > 1) {
		process_say(
			"study: one name at a time, with the options before it; '%s' is too much",
			argv[operand + 1]);
		return 2;
	}
	return run_named(argv[operand], &options);
}
