/*
 * directory.c - the directory of an experiment while it is filled. See directory.h.
 */
#include "analysis/directory.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "analysis/document.h"

#define PART	    ".part"
#define SAME_SECOND 100 /* experiments of one label that may begin in the same second */
#define SWEEPS	    50	/* and the pause between two */
#define SWEEP_PAUSE (&(struct timespec){ .tv_nsec = 100 * 1000 * 1000 })

int directory_lock(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int directory_save(const char *path, const json_t *experiment)
{
	char file[PATH_MAX];

	if (snprintf(file, sizeof(file), "%s/experiment.json", path) >= (int)sizeof(file))
		return -ENAMETOOLONG;
	return document_save(experiment, file);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path) && errno != ENOENT ? -1 : 0;
}

static int remove_tree(const char *path)
{
	return nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) && errno != ENOENT ? -errno : 0;
}

/* Fills part and gives it its name. Returns the lock or -errno; -EEXIST: the name is taken. */
static int make_whole(const char *part, const char *path, const json_t *experiment)
{
	int lock, error;

	if (mkdir(part, 0755))
		return -errno;
	lock = directory_lock(part);
	error = lock < 0 ? lock : directory_save(part, experiment);
	if (!error && renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE))
		error = -errno;
	if (!error)
		return lock;
	remove_tree(part);
	if (lock >= 0)
		close(lock);
	return error;
}

/* The pid makes part a name that an attempt which was killed cannot have left behind. */
int directory_make(char path[PATH_MAX], const char *runs, const char *label,
		   const json_t *experiment, char why[DIRECTORY_WHY])
{
	char part[PATH_MAX], stamp[32], number[16] = "";
	time_t now = time(NULL);
	struct tm utc;
	int result = mkdir(runs, 0755) && errno != EEXIST ? -errno : -EEXIST;

	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
	for (int i = 1; i < SAME_SECOND && result == -EEXIST; i++) {
		if (i > 1)
			snprintf(number, sizeof(number), "-%d", i);
		if (snprintf(path, PATH_MAX, "%s/%s-%s%s", runs, stamp, label, number) >=
			    PATH_MAX ||
		    snprintf(part, PATH_MAX, "%s.%d" PART, path, getpid()) >= PATH_MAX)
			result = -ENAMETOOLONG;
		else if (access(path, F_OK))
			result = make_whole(part, path, experiment);
	}
	if (result < 0)
		snprintf(why, DIRECTORY_WHY, "--runs %s: %s", runs, strerror(-result));
	return result;
}

static int is_part(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > strlen(PART) && !strcmp(entry->d_name + length - strlen(PART), PART);
}

static int sweep_once(const char *path)
{
	struct dirent **names;
	char part[PATH_MAX];
	int count = scandir(path, &names, is_part, NULL);
	int error = 0;

	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		int failed = 0;

		if (snprintf(part, sizeof(part), "%s/%s", path, names[i]->d_name) <
		    (int)sizeof(part))
			failed = remove_tree(part);
		error = failed ? failed : error;
		free(names[i]);
	}
	free(names);
	return error;
}

int directory_sweep(const char *path)
{
	int error = sweep_once(path);

	/* The programs of a killed tidemark may still be writing while they end. */
	for (int i = 0; error == -ENOTEMPTY && i < SWEEPS; i++) {
		nanosleep(SWEEP_PAUSE, NULL);
		error = sweep_once(path);
	}
	return error;
}

/* "012-glibc-native": a run's folder that is whole. */
static int is_finished(const struct dirent *entry)
{
	return isdigit((unsigned char)entry->d_name[0]) && !is_part(entry);
}

static int check_verdict(const char *path, const char *name, char why[DIRECTORY_WHY])
{
	char file[PATH_MAX];
	json_error_t error;
	json_t *run;
	int result = 0;

	if (snprintf(file, sizeof(file), "%s/%s/run.json", path, name) >= (int)sizeof(file))
		return -ENAMETOOLONG;
	run = json_load_file(file, 0, &error);
	if (!json_is_string(json_object_get(run, "verdict"))) {
		snprintf(why, DIRECTORY_WHY,
			 "%.300s is damaged; remove its folder to have it run again", file);
		result = -EINVAL;
	}
	json_decref(run);
	return result;
}

int directory_finished(const char *path, bool *finished, size_t count, char why[DIRECTORY_WHY])
{
	struct dirent **names;
	int found = scandir(path, &names, is_finished, alphasort);
	int error = found < 0 ? -errno : 0;

	snprintf(why, DIRECTORY_WHY, "%s: %s", path, strerror(-error));
	for (int i = 0; i < found; i++) {
		size_t place = strtoul(names[i]->d_name, NULL, 10);

		if (!error && place >= 1 && place <= count) {
			error = check_verdict(path, names[i]->d_name, why);
			finished[place - 1] = true;
		}
		free(names[i]);
	}
	if (found >= 0)
		free(names);
	return error;
}
