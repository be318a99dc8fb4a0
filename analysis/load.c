/*
 * load.c - an experiment as it lies on disk. See load.h.
 */
#include "analysis/load.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analysis/cell.h"
#include "analysis/plausible.h"

#define VERSION 1 /* of both documents */

/* Reads directory/name, a document of that format. Returns NULL with a line in why. */
static json_t *load_document(const char *directory, const char *name, const char *format,
			     char why[LOAD_WHY])
{
	char path[PATH_MAX];
	json_error_t error;
	struct stat about;
	json_t *document;
	const json_t *version;
	const char *found;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (stat(path, &about)) {
		snprintf(why, LOAD_WHY, "%s: %s", name, strerror(errno));
		return NULL;
	}
	if (!S_ISREG(about.st_mode)) {
		snprintf(why, LOAD_WHY, "%s: not a regular file", name);
		return NULL;
	}
	document = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (!document) {
		snprintf(why, LOAD_WHY, "%s: %s", name, error.text);
		return NULL;
	}
	found = json_string_value(json_object_get(document, "format"));
	version = json_object_get(document, "version");
	if (found && !strcmp(found, format) && json_integer_value(version) == VERSION)
		return document;
	if (found && !strcmp(found, format) && json_is_integer(version))
		snprintf(why, LOAD_WHY,
			 "%s: of version %" JSON_INTEGER_FORMAT "; this tidemark reads version %d",
			 name, json_integer_value(version), VERSION);
	else
		snprintf(why, LOAD_WHY, "%s: not a '%s' of version %d", name, format, VERSION);
	json_decref(document);
	return NULL;
}

static void make_void(struct run *run, const char *reason)
{
	run->is_void = true;
	snprintf(run->reason, sizeof(run->reason), "%s", reason);
}

bool run_knows(const struct run *run, int factor)
{
	return !run->foreign || !factor_is_ours((enum factor)factor);
}

/* The first value that was asked for, beside which a server that is not ours stands. */
static const char *first_of(const struct experiment *experiment, enum cell_factor factor)
{
	const json_t *list = json_object_get(experiment->about, cell_row(factor)->list);
	const char *first = json_string_value(json_array_get(list, 0));

	return first ? first : cell_row(factor)->standard;
}

/* Where run.json has null. Returns 0 or -ENOMEM. */
static int adopt_factors(struct run *run, const struct experiment *experiment)
{
	const char *arch = first_of(experiment, CELL_ARCH);
	const char *workers = cell_has_workers(arch) ? first_of(experiment, CELL_WORKERS)
						     : cell_row(CELL_WORKERS)->standard;

	if (!json_is_null(json_object_get(run->about, factor_key(FACTOR_ARCH))))
		return 0;
	free(run->factors[FACTOR_ARCH]);
	free(run->factors[FACTOR_WORKERS]);
	run->factors[FACTOR_ARCH] = strdup(arch);
	run->factors[FACTOR_WORKERS] = strdup(workers);
	return run->factors[FACTOR_ARCH] && run->factors[FACTOR_WORKERS] ? 0 : -ENOMEM;
}

/* Returns 0 or -ENOMEM. A run that does not say what it is becomes void. */
static int read_factors(struct run *run, const struct experiment *experiment)
{
	const json_t *repeat = json_object_get(run->about, "repeat");
	char why[FACTORS_WHY];
	int error = factors_read(run->factors, run->about, why);

	if (error == -EINVAL && !run->is_void)
		make_void(run, why);
	if (json_integer_value(repeat) > 0)
		run->repeat = (uint64_t)json_integer_value(repeat);
	run->foreign = json_is_true(json_object_get(run->about, "foreign"));
	if (error != -ENOMEM && run->foreign)
		error = adopt_factors(run, experiment);
	return error == -ENOMEM ? error : 0;
}

static void read_verdict(struct run *run)
{
	const char *verdict = json_string_value(json_object_get(run->about, "verdict"));
	const char *reason = json_string_value(json_object_get(run->about, "reason"));

	if (verdict && !strcmp(verdict, "complete"))
		return;
	make_void(run, reason && *reason ? reason : "run.json gives no verdict and no reason");
}

/* As the server has told it; 0 for one that is not ours, or whose allocator has none. */
static uint64_t read_decay(const json_t *about)
{
	const char *text = json_string_value(
		json_object_get(json_object_get(about, "server"), "decay_ns"));

	return text ? strtoull(text, NULL, 10) : 0;
}

/* Returns 0, also for a run that becomes void, or -ENOMEM. */
static int load_records(struct run *run, const char *folder, const struct machine *machine)
{
	char why[RECORDING_WHY];
	int error = recording_load(&run->recording, folder, why);

	if (!error) {
		error = plausible_check(&run->recording, machine, why);
		if (error)
			recording_free(&run->recording);
	}
	if (error) {
		make_void(run, why);
		return error == -ENOMEM ? error : 0;
	}
	run->recording.page_size = machine->page_size;
	error = curve_build(&run->curve, &run->recording);
	if (error)
		return error;
	run->decay = read_decay(run->about);
	error = metrics_compute(&run->recording, &run->curve, run->decay, run->metrics);
	if (error == -ENOMEM)
		return error;
	if (error || run->metrics[METRIC_PEAK].state == MEASURE_ABSENT)
		make_void(run, "samples.csv does not say what the last burst held");
	return 0;
}

static uint64_t number_of(const json_t *environment, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(environment, key));

	return number > 0 ? (uint64_t)number : 0;
}

static struct machine machine_of(const struct experiment *experiment)
{
	const json_t *environment = json_object_get(experiment->about, "environment");
	const char *memory = json_string_value(json_object_get(environment, "memory"));

	return (struct machine){
		.page_size = number_of(environment, "page_size"),
		.cpus = number_of(environment, "cpus"),
		/* As in /proc/meminfo: "24576000 kB". */
		.memory = memory ? strtoull(memory, NULL, 10) * 1024 : 0,
	};
}

/* Returns 0 or -ENOMEM. */
static int load_run(struct run *run, const struct experiment *experiment, const char *name)
{
	struct machine machine = machine_of(experiment);
	char folder[PATH_MAX], why[LOAD_WHY];
	int error;

	snprintf(folder, sizeof(folder), "%s/%s", experiment->directory, name);
	run->name = strdup(name);
	if (!run->name)
		return -ENOMEM;
	run->about = load_document(folder, "run.json", "tidemark run", why);
	if (run->about)
		read_verdict(run);
	else
		make_void(run, why);
	error = read_factors(run, experiment);
	if (error || run->is_void)
		return error;
	return load_records(run, folder, &machine);
}

/* "001-glibc-native", but not "001-glibc-native.part". */
static int is_run(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);
	bool is_folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;

	return is_folder && isdigit((unsigned char)entry->d_name[0]) &&
	       !(length >= 5 && !strcmp(entry->d_name + length - 5, ".part"));
}

/* Returns 0, or -errno. */
static int load_runs(struct experiment *experiment)
{
	struct dirent **names;
	int count = scandir(experiment->directory, &names, is_run, alphasort);
	int error = 0;

	if (count < 0)
		return -errno;
	experiment->runs = calloc((size_t)count + 1, sizeof(*experiment->runs));
	if (!experiment->runs)
		error = -ENOMEM;
	for (int i = 0; i < count; i++) {
		if (!error)
			error = load_run(&experiment->runs[experiment->count++], experiment,
					 names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return error;
}

int experiment_load(struct experiment **experiment, const char *directory, char why[LOAD_WHY])
{
	struct experiment *loaded = calloc(1, sizeof(*loaded));
	char reason[LOAD_WHY];
	int error = -ENOMEM;

	*experiment = NULL;
	snprintf(why, LOAD_WHY, "%s: %s", directory, strerror(ENOMEM));
	if (!loaded)
		return error;
	loaded->directory = strdup(directory);
	if (!loaded->directory)
		goto fail;
	loaded->about = load_document(directory, "experiment.json", "tidemark experiment", reason);
	if (!loaded->about) {
		snprintf(why, LOAD_WHY, "%s is not the directory of an experiment: %.256s",
			 directory, reason);
		error = -EINVAL;
		goto fail;
	}
	error = load_runs(loaded);
	if (error) {
		snprintf(why, LOAD_WHY, "%s: %s", directory, strerror(-error));
		goto fail;
	}
	if (!loaded->count) {
		snprintf(why, LOAD_WHY,
			 "%s: there is no finished run in it; tidemark run --resume completes an "
			 "experiment that was interrupted",
			 directory);
		error = -ENODATA;
		goto fail;
	}
	*experiment = loaded;
	return 0;
fail:
	experiment_free(loaded);
	return error;
}

size_t experiment_voids(const struct experiment *experiment)
{
	size_t count = 0;

	for (size_t i = 0; i < experiment->count; i++)
		count += experiment->runs[i].is_void;
	return count;
}

void experiment_free(struct experiment *experiment)
{
	if (!experiment)
		return;
	for (size_t i = 0; i < experiment->count; i++) {
		struct run *run = &experiment->runs[i];

		for (int j = 0; j < FACTOR_COUNT; j++)
			free(run->factors[j]);
		free(run->name);
		json_decref(run->about);
		recording_free(&run->recording);
		curve_free(&run->curve);
	}
	free(experiment->runs);
	json_decref(experiment->about);
	free(experiment->directory);
	free(experiment);
}
