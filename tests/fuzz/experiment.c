/*
 * experiment.c - fuzzes the reading of a run directory: good files with any damage give void runs
 * with a reason, or one line that names what is wrong; never a crash, never a zero in silence.
 *
 * The input is a list of edits to a good directory, so that each is near to what can be read: a
 * byte that picks the file, two for the place in it, one for what is done there.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>

#include "analysis/comparison.h"
#include "analysis/load.h"
#include "analysis/summary.h"
#include "analysis/table.h"
#include "analysis/tidy.h"
#include "tests/unit/synthetic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define RUN "001-glibc-native/"

static const char *const names[] = {
	"experiment.json", RUN "run.json",     RUN "samples.csv", RUN "rollups.csv",
	RUN "phases.csv",  RUN "releases.csv", RUN "events.csv",  RUN "processes.csv",
	RUN "bill.csv",	   RUN "losses.csv",   RUN "cpu.csv",	  RUN "threads.csv",
	RUN "traffic.csv",
};

static const char *const words[] = {
	"18446744073709551615",
	"18446744073709551614",
	"-1",
	"1e999",
	"0",
	"null",
	"[]",
	"{}",
	"\"x\"",
	",",
	"\n",
	"\"",
	"99999999999999999999999",
	",,,",
	"true",
	"# tidemark",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM	     (1 << 16)

struct file {
	char good[ROOM];
	size_t good_size;
	char text[2 * ROOM]; /* as it lies on disk */
	size_t size;
	bool removed;
};

static char directory[256];
static struct file files[COUNT(names)];

static void check(int holds)
{
	if (!holds)
		abort();
}

static double keeps(double seconds)
{
	return seconds < 1 ? 110 : 20;
}

/* A sample in twenty is enough, and quicker. */
static void make_run(const char *name)
{
	struct recording recording;

	synthetic_run(&recording, 1000 * NS_PER_S, keeps);
	for (size_t i = 0; i < recording.sample_count / 20; i++)
		recording.samples[i] = recording.samples[20 * i];
	recording.sample_count /= 20;
	for (uint64_t second = 0; second < 24; second++)
		synthetic_rollup(&recording, (1000 + second) * NS_PER_S)->minor_faults = second;
	synthetic_programs(&recording.evidence);
	synthetic_loss(&recording.evidence, "events_dropped", "-", 3);
	synthetic_release(&recording.evidence, "policy", 76 * MIB, 0);
	synthetic_event(&recording.evidence, "policy", 1005 * NS_PER_S, 76 * MIB);
	synthetic_process(&recording.evidence, 1, 1005 * NS_PER_S, 100, 0);
	synthetic_process(&recording.evidence, 1, 1009 * NS_PER_S, 9000, 1);
	synthetic_bill(&recording.evidence, "server", "connection", 1007 * NS_PER_S, 100, 4036);
	for (uint64_t second = 0; second <= 24; second++) {
		uint64_t time = (1000 + second) * NS_PER_S;

		synthetic_total(&recording.usage, time, second * 200 * MS);
		synthetic_thread(&recording.usage, time, "main", 1, second * 200 * MS);
		synthetic_thread(&recording.usage, time, "-", RECORD_ABSENT, 0);
	}
	synthetic_traffic(&recording.operations, &recording.phases[3], 1000, 150, 900);
	synthetic_folder(directory, name, "glibc", "native", &recording);
	recording_free(&recording);
}

static void remove_directory(void)
{
	nftw(directory, synthetic_unlink, 8, FTW_DEPTH | FTW_PHYS);
}

static void path_of(char path[512], size_t i)
{
	snprintf(path, 512, "%s/%s", directory, names[i]);
}

static void check_line(const char *line)
{
	check(*line && !strchr(line, '\n'));
}

static void check_run(const struct run *run)
{
	if (run->is_void) {
		check_line(run->reason);
		return;
	}
	check(run->metrics[METRIC_PEAK].state != MEASURE_ABSENT);
	check(run->metrics[METRIC_WINDOW].state != MEASURE_ABSENT);
	for (int i = 0; i < METRIC_COUNT; i++)
		check(isfinite(run->metrics[i].value) &&
		      (run->metrics[i].state != MEASURE_ABSENT || run->metrics[i].value == 0));
}

/* All that is made of an experiment can be made of this one, too. */
static void check_experiment(const struct experiment *experiment)
{
	FILE *file = fopen("/dev/null", "w");
	json_t *table = table_json(experiment);

	for (size_t i = 0; i < experiment->count; i++)
		check_run(&experiment->runs[i]);
	check(table && file);
	check(!json_dumpf(table, file, 0));
	check(!table_print(experiment, file));
	check(!tidy_print(experiment, file));
	json_decref(table);
	fclose(file);
}

/* Without an edit all is well: else nothing of what follows would be tested. */
static void check_good(void)
{
	struct experiment *experiment;
	char why[LOAD_WHY];

	check(!experiment_load(&experiment, directory, why));
	check(experiment->count == 2 && !experiment->runs[0].is_void);
	check(experiment->runs[0].metrics[METRIC_REFAULT].state == MEASURE_VALUE);
	check_experiment(experiment);
	experiment_free(experiment);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *folder = getenv("TMPDIR");

	(void)argc;
	(void)argv;
	snprintf(directory, sizeof(directory), "%.200s/tidemark-fuzz.XXXXXX",
		 folder ? folder : "/tmp");
	check(mkdtemp(directory) != NULL);
	atexit(remove_directory);
	synthetic_experiment(directory);
	make_run("001-glibc-native");
	make_run("002-glibc-native");
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[512];
		FILE *file;

		path_of(path, i);
		file = fopen(path, "r");
		check(file != NULL);
		files[i].good_size = fread(files[i].good, 1, ROOM, file);
		check(files[i].good_size > 0 && files[i].good_size < ROOM);
		fclose(file);
	}
	check_good();
	return 0;
}

static void replace(struct file *file, size_t from, size_t length, const void *bytes, size_t size)
{
	length = length < file->size - from ? length : file->size - from;
	if (file->size - length + size > sizeof(file->text))
		return;
	memmove(file->text + from + size, file->text + from + length, file->size - from - length);
	memcpy(file->text + from, bytes, size);
	file->size += size - length;
}

/* Applies one edit. Returns how many bytes of the input it took. */
static size_t edit(const uint8_t *data, size_t size)
{
	struct file *file = &files[data[0] % COUNT(names)];
	size_t from = (size_t)(data[1] << 8 | data[2]) * file->size / 65536, taken = 0;
	const char *word = words[data[3] / 8 % COUNT(words)];
	size_t field = strcspn(file->text + from, ",\n");

	switch (data[3] % 8) {
	case 0:
		file->size = from;
		break;
	case 1: /* a field becomes another word */
	case 2:
		replace(file, from, field, word, strlen(word));
		break;
	case 3:
		replace(file, from, 0, word, strlen(word));
		break;
	case 4:
		replace(file, from, data[3], "", 0);
		break;
	case 5:
		taken = size - 4 < 8 ? size - 4 : 8;
		replace(file, from, taken, data + 4, taken);
		break;
	case 6:
		replace(file, from, 1, "", 1); /* a NUL byte */
		break;
	default:
		file->removed = true;
	}
	file->text[file->size < sizeof(file->text) ? file->size : sizeof(file->text) - 1] = '\0';
	return 4 + taken;
}

static void write_files(void)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		char path[512];
		int fd;

		path_of(path, i);
		unlink(path);
		if (files[i].removed)
			continue;
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
		check(fd >= 0 && write(fd, files[i].text, files[i].size) == (ssize_t)files[i].size);
		close(fd);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct experiment *experiment;
	char why[LOAD_WHY];

	for (size_t i = 0; i < COUNT(names); i++) {
		memcpy(files[i].text, files[i].good, files[i].good_size + 1);
		files[i].size = files[i].good_size;
		files[i].removed = false;
	}
	while (size >= 4) {
		size_t taken = edit(data, size);

		data += taken;
		size -= taken;
	}
	write_files();
	if (experiment_load(&experiment, directory, why)) {
		check_line(why);
		return 0;
	}
	check_experiment(experiment);
	experiment_free(experiment);
	return 0;
}
